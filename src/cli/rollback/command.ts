import type { RegisterCommand } from '../framework/context.ts';

/** `roamhome rollback DATASET SNAPSHOT`: a whole dataset as it was. */
export const registerRollback: RegisterCommand = (program, context) => {
  program.command(
    'rollback <dataset> <snapshot>',
    'Roll a dataset back, and keep its present state beside it',
    (command) =>
      command
        .positional('dataset', {
          type: 'string',
          demandOption: true,
          describe: 'Any file system that is not a home in use',
        })
        .positional('snapshot', {
          type: 'string',
          demandOption: true,
          describe: "The snapshot's name, after the @",
        })
        .option('before', {
          type: 'string',
          array: true,
          nargs: 1,
          default: [] as string[],
          defaultDescription: 'none',
          describe: 'Run this command before (repeatable; without a shell)',
        })
        .option('after', {
          type: 'string',
          array: true,
          nargs: 1,
          default: [] as string[],
          defaultDescription: 'none',
          describe: 'Run this command afterwards, also after a failure',
        })
        .option('dry-run', {
          type: 'boolean',
          default: false,
          describe: 'Show what would go, and each command',
        })
        .option('yes', { type: 'boolean', default: false, describe: 'Do not ask' })
        .option('json', { type: 'boolean', default: false, describe: 'Print the outcome as JSON' })
        .example('$0 rollback data/timemachine before-trouble --dry-run', 'What would go')
        .example(
          "$0 rollback data/timemachine before-trouble --before 'systemctl stop smbd' --after 'systemctl start smbd'",
          'With its service stopped meanwhile',
        ),
    async (options) => {
      const { runRollback } = await import('./run.ts');
      await runRollback(options, context);
    },
  );
};
