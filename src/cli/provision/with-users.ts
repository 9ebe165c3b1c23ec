import type { DirectoryPlace } from '../../directory/apply-step.ts';
import type { HomesPlace } from '../../provision/user/place.ts';
import { wireDirectory } from '../../wire/directory.ts';
import { parseDatasetName } from '../../zfs/names.ts';
import type { CliContext } from '../framework/context.ts';
import { loadCliConfig } from '../framework/load-cli-config.ts';
import type { ProvisionOptions } from './options.ts';
import { openProvisioned } from './run-provision.ts';

export interface UserOptions extends Omit<ProvisionOptions, 'dryRun' | 'json'> {
  readonly ldap: boolean;
}

/** Opens the server that the options name, and the directory if they want it; closes both. */
export async function withUsers(
  options: UserOptions,
  context: CliContext,
  work: (homes: HomesPlace, directory: DirectoryPlace | null) => Promise<void>,
): Promise<void> {
  const { config } = await loadCliConfig(options, 'provision-users');
  const { server } = config;
  const directory = options.ldap ? await wireDirectory(config, context.signal) : null;
  try {
    const machine = await openProvisioned(options.host, options, context);
    try {
      const root = parseDatasetName(server.root);
      const conflictsRoot = parseDatasetName(server.conflictsRoot);
      await work({ machine, root, conflictsRoot, now: () => new Date() }, directory);
    } finally {
      await machine.host.close();
    }
  } finally {
    await directory?.directory.close();
  }
}
