import { chooseRestriction } from '../../provision/server/choose-restriction.ts';
import { limitsOf } from '../../provision/server/wanted-limits.ts';
import { serverTasks } from '../../provision/server/server-tasks.ts';
import { serverSetup, type Restriction } from '../../provision/server/wanted-server.ts';
import type { CliContext } from '../framework/context.ts';
import { loadCliConfig } from '../framework/load-cli-config.ts';
import type { ProvisionOptions } from './options.ts';
import { ownProgram } from './own-program.ts';
import { provisionMachine } from './run-provision.ts';
import { defaultSettings } from './default-settings.ts';

export interface ServerOptions extends ProvisionOptions {
  readonly pool: string;
  /** None: the one in use, else lshell where it is installed, else the gate. */
  readonly restriction: Restriction | undefined;
  readonly exact: boolean;
  readonly for: 'macs' | 'linux' | undefined;
}

/** Sets up a server. Account and group are those of the settings here, which the Macs' follow too. */
export async function runServer(options: ServerOptions, context: CliContext): Promise<void> {
  const { config } = await loadCliConfig(options, 'provision-machine');
  const { pool, exact: isExact } = options;
  const { user } = config.server;
  await provisionMachine(options, context, async (machine) => {
    const chosen = await chooseRestriction(machine, user, options.restriction, context.signal);
    const setup = serverSetup(pool, { user, group: config.syncGroup, names: options.for ?? null, ...chosen });
    const limits = limitsOf(config.roots);
    const run = { isExact, defaults: defaultSettings(machine.kind), local: ownProgram(), limits };
    return serverTasks(machine, setup, run);
  });
}
