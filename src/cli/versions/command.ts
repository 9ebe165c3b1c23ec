import type { RegisterCommand } from '../framework/context.ts';

/** `roamhome versions USER PATH`: what a file was over the snapshots. */
export const registerVersions: RegisterCommand = (program, context) => {
  program.command(
    'versions <user> <path>',
    'List the versions of a file in snapshots, newest first',
    (command) =>
      command
        .positional('user', { type: 'string', demandOption: true, describe: "The user's short name" })
        .positional('path', { type: 'string', demandOption: true, describe: 'A file, relative to the home' })
        .option('local', {
          type: 'boolean',
          default: false,
          describe: 'Do not ask the server for its snapshots',
        })
        .option('json', { type: 'boolean', default: false, describe: 'Print JSON' })
        .example('$0 versions alice Documents/novel.txt', 'List the versions of a file'),
    async (options) => {
      const { runVersions } = await import('./run.ts');
      await runVersions(options, context);
    },
  );
};
