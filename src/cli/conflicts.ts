import type { RegisterCommand } from './context.ts';

/** `roamhome conflicts list`: lines of history that were set aside, and where they are. */
export const registerConflicts: RegisterCommand = (program, context) => {
  program.command('conflicts', 'Look at versions of homes that were set aside', (conflicts) =>
    conflicts
      .command(
        'list [user]',
        'List what was set aside, on this Mac and on the server',
        (list) =>
          list
            .positional('user', {
              type: 'string',
              describe: "The user's short name; everybody's if not given",
            })
            .option('local', { type: 'boolean', default: false, describe: 'Do not ask the server' })
            .option('json', { type: 'boolean', default: false, describe: 'Print JSON' })
            .example('$0 conflicts list', 'All that is set aside')
            .example('$0 conflicts list alice', 'What is set aside of one user'),
        async (options) => {
          const { runConflictsList } = await import('./run-conflicts.ts');
          await runConflictsList(options, context);
        },
      )
      .demandCommand(1, 'conflicts needs to be told what to do with them: list'),
  );
};
