import type { InstallPlace } from '../../wire/install.ts';
import type { RegisterCommand } from '../framework/context.ts';

/** `roamhome doctor`. `place`: whose jobs and hooks are looked at, in tests; else this machine's. */
export const doctorAt =
  (place?: InstallPlace): RegisterCommand =>
  (program, context) => {
    program.command(
      'doctor',
      'Check this machine, and print a remedy for each fault',
      (command) =>
        command
          .option('server', { type: 'boolean', default: false, describe: 'This is the server' })
          .option('json', { type: 'boolean', default: false, describe: 'Print JSON' })
          .example('$0 doctor', 'On a Mac or a workstation')
          .example('$0 doctor --server', 'On the server')
          .epilogue(
            'Changes nothing. Ends as a plugin of Nagios: 0 ok, 1 warning, 2 critical, 3 unknown; the first line sums it up.',
          ),
      async (options) => {
        const { runDoctor } = await import('./run.ts');
        await runDoctor(options, context, place);
      },
    );
  };
