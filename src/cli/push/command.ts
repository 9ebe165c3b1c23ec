import type { RegisterCommand } from '../framework/context.ts';

/** `roamhome push --pending`: sends what could not be sent before. */
export const registerPush: RegisterCommand = (program, context) => {
  program.command(
    'push',
    'Send pending homes',
    (command) =>
      command
        .option('pending', { type: 'boolean', demandOption: true, describe: 'Send every pending home' })
        .option('dry-run', {
          type: 'boolean',
          default: false,
          describe: 'List the pending homes; send nothing',
        })
        .option('json', { type: 'boolean', default: false, describe: 'Print the outcome as JSON' })
        .example('$0 push --pending', 'As the timer runs it')
        .example('$0 push --pending --dry-run', 'List the pending homes'),
    async (options) => {
      const { runPush } = await import('./run.ts');
      await runPush(options, context);
    },
  );
};
