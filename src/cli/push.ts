import type { RegisterCommand } from './context.ts';

/** `roamhome push --pending`: sends what could not be sent before. */
export const registerPush: RegisterCommand = (program, context) => {
  program.command(
    'push',
    'Send the homes that could not be sent before',
    (command) =>
      command
        .option('pending', { type: 'boolean', demandOption: true, describe: 'All homes that are waiting' })
        .option('dry-run', {
          type: 'boolean',
          default: false,
          describe: 'Say which are waiting; send nothing',
        })
        .option('json', { type: 'boolean', default: false, describe: 'Print the outcome as JSON' })
        .example('$0 push --pending', 'As the timer runs it')
        .example('$0 push --pending --dry-run', 'Who is waiting'),
    async (options) => {
      const { runPush } = await import('./run-push.ts');
      await runPush(options, context);
    },
  );
};
