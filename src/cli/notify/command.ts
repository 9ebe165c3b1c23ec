import type { InstallPlace } from '../../wire/install.ts';
import type { RegisterCommand } from '../framework/context.ts';

/** `roamhome notify`: what a session begins with. `place`: whose programs show it, in tests; else this machine's. */
export const notifyAt =
  (place?: Pick<InstallPlace, 'kind' | 'path'>): RegisterCommand =>
  (program, context) => {
    program.command(
      'notify',
      'Show a user, in their session, what their login reported',
      (command) =>
        command
          .option('directory', {
            type: 'string',
            requiresArg: true,
            describe: 'Where the status files are, instead of progress.statusDir',
          })
          .example('$0 notify', 'As the session starts it; shows nothing when all went well'),
      async (options) => {
        const { runNotify } = await import('./run.ts');
        await runNotify(options, context, place);
      },
    );
  };
