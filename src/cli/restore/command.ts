import type { RegisterCommand } from '../framework/context.ts';

/** `roamhome restore USER PATH --at TIME`: a file or a folder as it was. */
export const registerRestore: RegisterCommand = (program, context) => {
  program.command(
    'restore <user> <path>',
    'Restore a file or folder, and keep the present one beside it',
    (command) =>
      command
        .positional('user', { type: 'string', demandOption: true, describe: "The user's short name" })
        .positional('path', { type: 'string', demandOption: true, describe: 'Relative to the home' })
        .option('at', {
          type: 'string',
          requiresArg: true,
          demandOption: 'say as of when: --at "yesterday 14:00"',
          describe: 'A snapshot, or a time: the newest snapshot at or before it',
        })
        .option('to', {
          type: 'string',
          requiresArg: true,
          describe: 'Put it into this existing folder, not into its place',
        })
        .option('local', {
          type: 'boolean',
          default: false,
          describe: 'From this Mac; do not ask the server',
        })
        .option('json', { type: 'boolean', default: false, describe: 'Print the outcome as JSON' })
        .example("$0 restore alice Documents/novel.txt --at 'yesterday 14:00'", 'One file')
        .example("$0 restore alice 'My Project' --at '19 Nov 2pm' --to /srv/rescue", 'A folder, elsewhere')
        .example("$0 restore alice Mail --at '3 days ago'", 'A folder, in its place'),
    async (options) => {
      const { runRestore } = await import('./run.ts');
      await runRestore(options, context);
    },
  );
};
