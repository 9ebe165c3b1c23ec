import { serverTasks } from '../../provision/server/server-tasks.ts';
import { serverSetup, type Restriction } from '../../provision/server/wanted-server.ts';
import type { CliContext } from '../context.ts';
import { loadCliConfig } from '../load-cli-config.ts';
import type { ProvisionOptions } from './options.ts';
import { provisionMachine } from './run-provision.ts';

export interface ServerOptions extends ProvisionOptions {
  readonly pool: string;
  readonly restriction: Restriction;
}

/** Sets up a server. */
export async function runServer(options: ServerOptions, context: CliContext): Promise<void> {
  const { config } = await loadCliConfig(options);
  const { restriction, pool } = options;
  const setup = serverSetup(pool, { user: config.server.user, group: config.syncGroup, restriction });
  await provisionMachine(options, context, (machine) => serverTasks(machine, setup));
}
