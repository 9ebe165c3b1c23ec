import type { Argv } from 'yargs';
import type { CliContext, GlobalOptions } from '../context.ts';
import { provisionOptions, type AddProvisionCommand } from './options.ts';

const ldap = {
  type: 'boolean',
  default: false,
  describe: 'In the LDAP directory too (settings directory.…)',
} as const;
const force = {
  type: 'boolean',
  default: false,
  describe: 'Also while the server has the user as logged in',
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
    'A user: the entry in the directory, the group, the home on the server',
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
          describe: 'Library/Caches and Library/Logs stay on each Mac: not snapshotted, not sent',
        })
        .option('prepare-directory', {
          type: 'boolean',
          default: false,
          describe: 'Make the group and what entries are below, where the directory has them not',
        })
        .option('csv', {
          type: 'string',
          requiresArg: true,
          describe: 'A file with a user a line: user,full_name,mail,uid,quota',
        })
        .conflicts('csv', ['uid', 'full-name', 'mail'])
        .example('$0 provision user add alice --ldap --quota 20G', 'On the server, as root')
        .example('$0 provision user add --ldap --csv class-7b.csv', 'Many, with a report by line')
        .example('$0 provision user add alice --exclude-usual', 'Leave out what Macs make anew')
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
          describe: 'Destroy the home with all snapshots: the name again',
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
    'Give a user another short name: in the directory, and the home on the server',
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
    'Users with their homes on the server, and what is wrong with them',
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
