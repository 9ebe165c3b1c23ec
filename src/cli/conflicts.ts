import type { Argv } from 'yargs';
import type { CliContext, GlobalOptions, RegisterCommand } from './context.ts';

/** `roamhome conflicts …`: lines of history that were set aside: where they are, what is in them, and what becomes of it. */
export const registerConflicts: RegisterCommand = (program, context) => {
  program.command(
    'conflicts',
    'Look at versions of homes that were set aside, and restore from them',
    (conflicts) =>
      [addList, addShow, addDiff, addRestore, addDiscard]
        .reduce((all, add) => add(all, context), conflicts)
        .demandCommand(
          1,
          'conflicts needs to be told what to do with them: list, show, diff, restore, discard',
        ),
  );
};

type AddCommand = (conflicts: Argv<GlobalOptions>, context: CliContext) => Argv<GlobalOptions>;

const json = { type: 'boolean', default: false, describe: 'Print JSON' } as const;
const name = {
  type: 'string',
  demandOption: true,
  describe: 'As `roamhome conflicts list` names it',
} as const;
const example = 'alice-mac7-20261120T064500Z';

const addList: AddCommand = (conflicts, context) =>
  conflicts.command(
    'list [user]',
    'List what was set aside, on this Mac and on the server',
    (list) =>
      list
        .positional('user', {
          type: 'string',
          describe: "The user's short name; everybody's if not given",
        })
        .option('local', { type: 'boolean', default: false, describe: 'Do not ask the server' })
        .option('json', json)
        .example('$0 conflicts list', 'All that is set aside')
        .example('$0 conflicts list alice', 'What is set aside of one user'),
    async (options) => {
      const { runConflictsList } = await import('./run-conflicts.ts');
      await runConflictsList(options, context);
    },
  );

const addShow: AddCommand = (conflicts, context) =>
  conflicts.command(
    'show <name>',
    'Show one: whose, since when, where, its snapshots, and what can be done with it',
    (show) =>
      show
        .positional('name', name)
        .option('json', json)
        .example(`$0 conflicts show ${example}`, 'All about one'),
    async (options) => {
      const { runConflictsShow } = await import('./run-conflicts-show.ts');
      await runConflictsShow(options, context);
    },
  );

const addDiff: AddCommand = (conflicts, context) =>
  conflicts.command(
    'diff <name>',
    'Compare one with the home as it is now, path by path; changes neither',
    (diff) =>
      diff
        .positional('name', name)
        .option('all', {
          type: 'boolean',
          default: false,
          describe: 'Also each file in directories that only one of them has',
        })
        .option('json', json)
        .example(`$0 conflicts diff ${example}`, 'What restoring could bring'),
    async (options) => {
      const { runConflictsDiff } = await import('./run-conflicts-diff.ts');
      await runConflictsDiff(options, context);
    },
  );

const addRestore: AddCommand = (conflicts, context) =>
  conflicts.command(
    'restore <name> [paths..]',
    'Copy files out of one, into the home or a folder; removes nothing',
    (restore) =>
      restore
        .positional('name', name)
        .positional('paths', {
          type: 'string',
          array: true,
          default: [] as string[],
          describe: 'Files and directories, relative to the home',
        })
        .option('all', { type: 'boolean', default: false, describe: 'All that it has' })
        .option('to', {
          type: 'string',
          requiresArg: true,
          describe: 'A folder that is there, instead of the home',
        })
        .option('overwrite', {
          type: 'boolean',
          default: false,
          describe: 'Replace files that differ; keep the old ones beside them',
        })
        .option('json', { ...json, describe: 'Print the outcome as JSON' })
        .example(
          `$0 conflicts restore ${example} Documents/novel.txt`,
          'One file; where the home has another, both stay',
        )
        .example(`$0 conflicts restore ${example} --all --to /srv/rescue`, 'All of it, somewhere else'),
    async (options) => {
      const { runConflictsRestore } = await import('./run-conflicts-restore.ts');
      await runConflictsRestore(options, context);
    },
  );

const addDiscard: AddCommand = (conflicts, context) =>
  conflicts.command(
    'discard <name>',
    'Destroy a conflict on this Mac, after you confirm it',
    (discard) =>
      discard
        .positional('name', name)
        .option('yes', { type: 'boolean', default: false, describe: 'Do not ask' })
        .option('server', {
          type: 'boolean',
          default: false,
          describe: 'This is the server: destroy it here',
        })
        .option('json', { ...json, describe: 'Print the outcome as JSON' })
        .example(`$0 conflicts discard ${example}`, 'When nothing of it is needed any more'),
    async (options) => {
      const { runConflictsDiscard } = await import('./run-conflicts-discard.ts');
      await runConflictsDiscard(options, context);
    },
  );
