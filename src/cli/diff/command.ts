import type { RegisterCommand } from '../framework/context.ts';

/** `roamhome diff USER A [B]`: what changed in a home between two moments. */
export const registerDiff: RegisterCommand = (program, context) => {
  program.command(
    'diff <user> <from> [until]',
    'Show what changed between two snapshots, or since one',
    (command) =>
      command
        .positional('user', { type: 'string', demandOption: true, describe: "The user's short name" })
        .positional('from', {
          type: 'string',
          demandOption: true,
          describe: 'A snapshot, or a time: the newest snapshot at or before it',
        })
        .positional('until', {
          type: 'string',
          default: 'now',
          describe: 'A snapshot or a time as above  [default: now]',
        })
        .option('json', { type: 'boolean', default: false, describe: 'Print JSON' })
        .example('$0 diff alice yesterday', 'What changed since')
        .example("$0 diff alice '3 days ago' yesterday", 'What changed in between'),
    async (options) => {
      const { runDiff } = await import('./run.ts');
      await runDiff(options, context);
    },
  );
};
