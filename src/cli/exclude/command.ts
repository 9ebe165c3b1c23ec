import type { Argv } from 'yargs';
import type { CliContext, GlobalOptions, RegisterCommand } from '../framework/context.ts';

/** `roamhome exclude …`: folders of a home that stay on each Mac. */
export const registerExclude: RegisterCommand = (program, context) => {
  program.command('exclude', 'Keep folders of a home local to each Mac', (exclude) =>
    [addAdd, addRemove, addList]
      .reduce((all, add) => add(all, context), exclude)
      .demandCommand(1, 'exclude needs to be told what to do: add, remove, list'),
  );
};

type AddCommand = (exclude: Argv<GlobalOptions>, context: CliContext) => Argv<GlobalOptions>;

const user = { type: 'string', demandOption: true, describe: "The user's short name" } as const;
const json = { type: 'boolean', default: false, describe: 'Print the outcome as JSON' } as const;

const addAdd: AddCommand = (exclude, context) =>
  exclude.command(
    'add <user> [paths..]',
    'Exclude folders from sync; keep their contents on this Mac',
    (command) =>
      command
        .positional('user', user)
        .positional('paths', {
          type: 'string',
          array: true,
          default: [] as string[],
          describe: 'Folders, relative to the home',
        })
        .option('usual', {
          type: 'boolean',
          default: false,
          describe: 'Exclude the usual caches: Library/Caches, Library/Logs',
        })
        .option('json', json)
        .example('$0 exclude add alice Downloads', 'While alice is logged out')
        .example("$0 exclude add alice --usual 'Library/Application Support/MobileSync'", 'Several'),
    async (options) => {
      const { runExcludeAdd } = await import('./run.ts');
      await runExcludeAdd(options, context);
    },
  );

const addRemove: AddCommand = (exclude, context) =>
  exclude.command(
    'remove <user> <paths..>',
    'Sync folders again, with the contents on this Mac',
    (command) =>
      command
        .positional('user', user)
        .positional('paths', {
          type: 'string',
          array: true,
          demandOption: true,
          describe: 'As `roamhome exclude list` names them',
        })
        .option('json', json)
        .example('$0 exclude remove alice Downloads', 'While alice is logged out'),
    async (options) => {
      const { runExcludeRemove } = await import('./run.ts');
      await runExcludeRemove(options, context);
    },
  );

const addList: AddCommand = (exclude, context) =>
  exclude.command(
    'list <user>',
    'List excluded folders, and their contents on this Mac',
    (command) =>
      command
        .positional('user', user)
        .option('local', { type: 'boolean', default: false, describe: 'Do not ask the server' })
        .option('json', { ...json, describe: 'Print JSON' })
        .example('$0 exclude list alice', 'On the list, and on this Mac'),
    async (options) => {
      const { runExcludeList } = await import('./run.ts');
      await runExcludeList(options, context);
    },
  );
