import type { Argv } from 'yargs';
import type { CliContext, GlobalOptions } from '../framework/context.ts';

/** The options of every provisioning command. */
export interface ProvisionOptions extends GlobalOptions {
  readonly dryRun: boolean;
  readonly host: string | undefined;
  readonly json: boolean;
}

/** Adds one command below `roamhome provision`. */
export type AddProvisionCommand = (
  provision: Argv<GlobalOptions>,
  context: CliContext,
) => Argv<GlobalOptions>;

/** `--dry-run`, `--json` and `--host`, for a command's `.options()`. */
export const provisionOptions = {
  'dry-run': {
    type: 'boolean',
    default: false,
    describe: 'Print each command and file; change nothing',
  },
  json: { type: 'boolean', default: false, describe: 'Print what was done as JSON, at the end' },
  host: {
    type: 'string',
    requiresArg: true,
    describe: 'Set up this machine over SSH: admin@machine[:port]',
  },
} as const;
