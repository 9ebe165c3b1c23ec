import type { RegisterCommand } from '../framework/context.ts';
import { addClient } from './client.ts';
import { addKey } from './key.ts';
import type { AddProvisionCommand } from './options.ts';
import { addRole } from './role.ts';
import { addServer } from './server.ts';
import { addUser } from './user.ts';

const commands: readonly AddProvisionCommand[] = [addServer, addClient, addRole, addKey, addUser];

/** `roamhome provision …`: what an admin does once for a server, a Mac, a key, a user. */
export const registerProvision: RegisterCommand = (program, context) => {
  program.command('provision', 'Set up a server, a Mac, its key, or a user', (provision) =>
    commands
      .reduce((all, add) => add(all, context), provision)
      .demandCommand(1, 'provision needs to be told what to set up: server, client, role, key, user'),
  );
};
