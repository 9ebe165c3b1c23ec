import type { Argv } from 'yargs';
import type { CliContext, GlobalOptions } from '../framework/context.ts';
import { provisionOptions, type AddProvisionCommand } from './options.ts';

const ldap = {
  type: 'boolean',
  default: false,
  describe: 'In the LDAP directory too (settings directory.…)',
} as const;
const force = {
  type: 'boolean',
  default: false,
  describe: 'Remove even while the server records a session',
} as const;

/** `roamhome provision user`. */
export const addUser: AddProvisionCommand = (provision, context) =>
  provision.command('user', 'Add, remove, list and rename users', (user) =>
    [addAdd, addRemove, addMove, addList]
      .reduce((all, add) => add(all, context), user)
      .demandCommand(1, 'provision user needs to be told what to do: add, remove, move, list'),
  );

function addAdd(user: Argv<GlobalOptions>, context: CliContext): Argv<GlobalOptions> {
  return user.command(
    'add [name]',
    'Add a user: directory entry, group, and home on the server',
    (command) =>
      command
        .positional('name', { type: 'string', describe: 'Short name; none with --csv' })
        .options({ ...provisionOptions, ldap })
        .option('uid', { type: 'string', requiresArg: true, describe: 'Default: the next free one' })
        .option('full-name', { type: 'string', requiresArg: true, describe: 'As "Alice Cooper"' })
        .option('mail', { type: 'string', requiresArg: true, describe: 'Mail address' })
        .option('quota', { type: 'string', requiresArg: true, describe: 'As 20G, or none' })
        .option('exclude-usual', {
          type: 'boolean',
          default: false,
          describe: 'Exclude Library/Caches and Library/Logs from sync',
        })
        .option('prepare-directory', {
          type: 'boolean',
          default: false,
          describe: 'Create the missing group and parent entries',
        })
        .option('csv', {
          type: 'string',
          requiresArg: true,
          describe: 'Read users from a file: user,full_name,mail,uid,quota',
        })
        .conflicts('csv', ['uid', 'full-name', 'mail'])
        .example('$0 provision user add alice --ldap --quota 20G', 'On the server, as root')
        .example(
          '$0 provision user add --ldap --csv class-7b.csv',
          'Add many users, with a report for each line',
        )
        .example('$0 provision user add alice --exclude-usual', 'Exclude the usual caches')
        .example('$0 provision user add alice --host admin@server', 'Alice has an account already'),
    async (options) => {
      const { runUserAdd } = await import('./run-user-add.ts');
      await runUserAdd(options, context);
    },
  );
}

function addRemove(user: Argv<GlobalOptions>, context: CliContext): Argv<GlobalOptions> {
  return user.command(
    'remove <name>',
    'Remove a user from the directory, and set the home aside',
    (command) =>
      command
        .positional('name', { type: 'string', demandOption: true, describe: 'Short name' })
        .options({ ...provisionOptions, ldap, force })
        .option('destroy-data', {
          type: 'string',
          requiresArg: true,
          describe: 'Destroy the home and all snapshots; repeat its name',
        })
        .example('$0 provision user remove alice --ldap', 'The home is kept beside the others')
        .example('$0 provision user remove alice --destroy-data alice', 'Nothing is kept'),
    async (options) => {
      const { runUserRemove } = await import('./run-user-remove.ts');
      await runUserRemove(options, context);
    },
  );
}

function addMove(user: Argv<GlobalOptions>, context: CliContext): Argv<GlobalOptions> {
  return user.command(
    'move <name>',
    'Rename a user in the directory and their home on the server',
    (command) =>
      command
        .positional('name', { type: 'string', demandOption: true, describe: 'Short name until now' })
        .options({ ...provisionOptions, ldap, force })
        .option('to', {
          type: 'string',
          demandOption: true,
          requiresArg: true,
          describe: 'Short name from now on',
        })
        .example('$0 provision user move alice --to alice.cooper --ldap', 'uid and files stay'),
    async (options) => {
      const { runUserMove } = await import('./run-user-move.ts');
      await runUserMove(options, context);
    },
  );
}

function addList(user: Argv<GlobalOptions>, context: CliContext): Argv<GlobalOptions> {
  return user.command(
    'list',
    'List users and their homes on the server, with any faults',
    (command) =>
      command
        .options({ host: provisionOptions.host, ldap })
        .option('json', { type: 'boolean', default: false, describe: 'Print them as JSON' })
        .example('$0 provision user list --ldap', 'Users without a home, homes without a user'),
    async (options) => {
      const { runUserList } = await import('./run-user-list.ts');
      await runUserList(options, context);
    },
  );
}
