import type { RegisterCommand } from '../framework/context.ts';

/** `roamhome thin`: destroys the snapshots that the schedule lets go. */
export const registerThin: RegisterCommand = (program, context) => {
  program.command(
    'thin',
    'Remove old snapshots by schedule',
    (command) =>
      command
        .option('dry-run', {
          alias: 'explain',
          type: 'boolean',
          default: false,
          describe: 'Print the fate of each snapshot, and why; change nothing',
        })
        .option('force', {
          type: 'boolean',
          default: false,
          describe: 'Trust this machine’s clock, however far ahead it is',
        })
        .option('server', {
          type: 'boolean',
          default: false,
          describe: 'This is the server: thin its homes',
        })
        .option('tend', {
          type: 'boolean',
          default: false,
          describe: 'With --server: then tend, as `roamhome tend` does',
        })
        .option('json', { type: 'boolean', default: false, describe: 'Print the outcome as JSON' })
        .example('$0 thin', 'On a Mac, as launchd runs it')
        .example('$0 thin --server --tend', 'On the server, as its timer runs it')
        .example('$0 thin --explain', 'What would go now, and why'),
    async (options) => {
      const { runThin } = await import('./run.ts');
      if (!options.tend) {
        await runThin(options, context);
        return;
      }
      const { runServerJob } = await import('./run-server-job.ts');
      await runServerJob(options, context);
    },
  );
};
