import type { RegisterCommand } from './context.ts';

/** `roamhome rollback DATASET SNAPSHOT`: a whole dataset as it was. */
export const registerRollback: RegisterCommand = (program, context) => {
  program.command(
    'rollback <dataset> <snapshot>',
    'Put a whole dataset back to a snapshot, and keep what it was under another name',
    (command) =>
      command
        .positional('dataset', {
          type: 'string',
          demandOption: true,
          describe: 'Any file system but a home in use',
        })
        .positional('snapshot', { type: 'string', demandOption: true, describe: 'What stands behind the @' })
        .option('before', {
          type: 'string',
          array: true,
          nargs: 1,
          default: [] as string[],
          defaultDescription: 'none',
          describe: 'A command that stops what uses it (repeatable; no shell)',
        })
        .option('after', {
          type: 'string',
          array: true,
          nargs: 1,
          default: [] as string[],
          defaultDescription: 'none',
          describe: 'A command that starts it again, whatever happened',
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
      const { runRollback } = await import('./run-rollback.ts');
      await runRollback(options, context);
    },
  );
};
