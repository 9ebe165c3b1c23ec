import type { Argv } from 'yargs';
import type { CliContext, GlobalOptions, RegisterCommand } from '../framework/context.ts';

/** `roamhome conflicts …`: lines of history that were set aside: where they are, what is in them, and what becomes of it. */
export const registerConflicts: RegisterCommand = (program, context) => {
  program.command('conflicts', 'List conflicts, and restore files from them', (conflicts) =>
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
    'List conflicts, on this Mac and on the server',
    (list) =>
      list
        .positional('user', {
          type: 'string',
          describe: "The user's short name; everybody's if not given",
        })
        .option('local', { type: 'boolean', default: false, describe: 'Do not ask the server' })
        .option('json', json)
        .example('$0 conflicts list', 'List all conflicts')
        .example('$0 conflicts list alice', 'List the conflicts of one user'),
    async (options) => {
      const { runConflictsList } = await import('./run-list.ts');
      await runConflictsList(options, context);
    },
  );

const addShow: AddCommand = (conflicts, context) =>
  conflicts.command(
    'show <name>',
    'Show owner, time, place and snapshots of a conflict',
    (show) =>
      show
        .positional('name', name)
        .option('json', json)
        .example(`$0 conflicts show ${example}`, 'Show everything about a conflict'),
    async (options) => {
      const { runConflictsShow } = await import('./run-show.ts');
      await runConflictsShow(options, context);
    },
  );

const addDiff: AddCommand = (conflicts, context) =>
  conflicts.command(
    'diff <name>',
    'Compare a conflict with the present home; change neither',
    (diff) =>
      diff
        .positional('name', name)
        .option('all', {
          type: 'boolean',
          default: false,
          describe: 'List each file of directories that one side lacks',
        })
        .option('json', json)
        .example(`$0 conflicts diff ${example}`, 'What restoring could bring'),
    async (options) => {
      const { runConflictsDiff } = await import('./run-diff.ts');
      await runConflictsDiff(options, context);
    },
  );

const addRestore: AddCommand = (conflicts, context) =>
  conflicts.command(
    'restore <name> [paths..]',
    'Copy files of a conflict into the home or a folder',
    (restore) =>
      restore
        .positional('name', name)
        .positional('paths', {
          type: 'string',
          array: true,
          default: [] as string[],
          describe: 'Files and directories, relative to the home',
        })
        .option('all', { type: 'boolean', default: false, describe: 'Restore every file of the conflict' })
        .option('to', {
          type: 'string',
          requiresArg: true,
          describe: 'Copy into this existing folder, not into the home',
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
      const { runConflictsRestore } = await import('./run-restore.ts');
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
        .example(`$0 conflicts discard ${example}`, 'Destroy a conflict that nobody needs'),
    async (options) => {
      const { runConflictsDiscard } = await import('./run-discard.ts');
      await runConflictsDiscard(options, context);
    },
  );
