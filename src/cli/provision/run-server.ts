import { serverTasks } from '../../provision/server/server-tasks.ts';
import { serverSetup, type Restriction } from '../../provision/server/wanted-server.ts';
import type { CliContext } from '../context.ts';
import { loadCliConfig } from '../load-cli-config.ts';
import type { ProvisionOptions } from './options.ts';
import { ownProgram } from './own-program.ts';
import { provisionMachine } from './run-provision.ts';
import { defaultSettings } from './default-settings.ts';

export interface ServerOptions extends ProvisionOptions {
  readonly pool: string;
  readonly restriction: Restriction;
  readonly exact: boolean;
}

/** Sets up a server. Account and group are those of the settings here, which the Macs' follow too. */
export async function runServer(options: ServerOptions, context: CliContext): Promise<void> {
  const { config } = await loadCliConfig(options, 'provision-machine');
  const { restriction, pool, exact: isExact } = options;
  const setup = serverSetup(pool, { user: config.server.user, group: config.syncGroup, restriction });
  await provisionMachine(options, context, (machine) =>
    serverTasks(machine, setup, { isExact, defaults: defaultSettings(machine.kind), local: ownProgram() }),
  );
}
