import type { RegisterCommand } from '../framework/context.ts';

/** `roamhome checkpoint [USER]`: a snapshot of homes in use, and a push. */
export const registerCheckpoint: RegisterCommand = (program, context) => {
  program.command(
    'checkpoint [user]',
    'Snapshot homes that are in use, and send what changed',
    (command) =>
      command
        .positional('user', { type: 'string', describe: "The user's short name; default: all in use here" })
        .option('dry-run', {
          type: 'boolean',
          default: false,
          describe: 'Show the plan and each command; change nothing',
        })
        .option('json', { type: 'boolean', default: false, describe: 'Print the outcome as JSON' })
        .example('$0 checkpoint', 'As the timer runs it')
        .example('$0 checkpoint alice', 'One home alone'),
    async (options) => {
      const { runCheckpoint } = await import('./run.ts');
      await runCheckpoint(options, context);
    },
  );
};
