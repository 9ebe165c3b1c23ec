import type { RegisterCommand } from '../framework/context.ts';

/** `roamhome snapshots USER`: what is kept of a home's past. */
export const registerSnapshots: RegisterCommand = (program, context) => {
  program.command(
    'snapshots <user>',
    'List the snapshots of a home, on this Mac and on the server',
    (command) =>
      command
        .positional('user', { type: 'string', demandOption: true, describe: "The user's short name" })
        .option('local', { type: 'boolean', default: false, describe: 'Do not ask the server' })
        .option('names', {
          type: 'boolean',
          default: false,
          describe: 'With the name of each, for `roamhome diff`',
        })
        .option('json', { type: 'boolean', default: false, describe: 'Print JSON' })
        .example('$0 snapshots alice', 'When, from which Mac, how much changed, and where it is'),
    async (options) => {
      const { runSnapshots } = await import('./run.ts');
      await runSnapshots(options, context);
    },
  );
};
