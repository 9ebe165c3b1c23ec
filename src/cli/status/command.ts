import type { RegisterCommand } from '../framework/context.ts';

/** `roamhome status [USER]`: how homes stand on both sides; the exit code is for monitoring. */
export const registerStatus: RegisterCommand = (program, context) => {
  program.command(
    'status [user]',
    'Show last sync, pending homes, conflicts, sessions and sizes',
    (command) =>
      command
        .positional('user', { type: 'string', describe: "The user's short name; default: all homes here" })
        .option('local', { type: 'boolean', default: false, describe: 'Do not ask the server' })
        .option('server', { type: 'boolean', default: false, describe: 'This is the server: its homes' })
        .option('problems', {
          type: 'boolean',
          default: false,
          describe: 'Show only homes and Macs with a problem',
        })
        .option('brief', { type: 'boolean', default: false, describe: 'One line, for monitoring' })
        .option('prometheus', {
          type: 'string',
          requiresArg: true,
          describe: 'Write a node_exporter textfile: a file or a directory',
        })
        .option('json', { type: 'boolean', default: false, describe: 'Print JSON' })
        .epilogue(
          'Exit codes: 0 ok, 1 warning, 2 critical, 3 unknown (the server is away); 64 and more are failures. With --brief a failure is 3 too.',
        )
        .example('$0 status', 'All homes on this Mac')
        .example('$0 status alice', 'Show a home, with its newest snapshot on each side')
        .example('$0 status --server', 'All homes, on the server itself')
        .example('$0 status --server --problems', 'Who failed yesterday, of all Macs')
        .example('$0 status --prometheus /var/lib/node_exporter', 'From a timer'),
    async (options) => {
      const { runStatus } = await import('./run.ts');
      await runStatus(options, context);
    },
  );
};
