import type { RegisterCommand } from '../framework/context.ts';

/** `roamhome tend`: the server's own job. */
export const registerTend: RegisterCommand = (program, context) => {
  program.command(
    'tend',
    'Abort stale transfers, and remove merged branches',
    (command) =>
      command
        .option('dry-run', {
          type: 'boolean',
          default: false,
          describe: 'Show what would be done; change nothing',
        })
        .option('json', { type: 'boolean', default: false, describe: 'Print the outcome as JSON' })
        .example('$0 tend', 'As the timer runs it')
        .example('$0 tend --dry-run', 'What would be done now'),
    async (options) => {
      const { runTend } = await import('./run.ts');
      await runTend(options, context);
    },
  );
};
