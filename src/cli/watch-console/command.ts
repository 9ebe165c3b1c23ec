import type { InstallPlace } from '../../wire/install.ts';
import type { RegisterCommand } from '../framework/context.ts';

/** `roamhome watch-console`. `place`: where, in tests; else this machine. */
export const watchConsoleAt =
  (place?: InstallPlace): RegisterCommand =>
  (program, context) => {
    program.command(
      'watch-console',
      'Call login and logout when the user at the console changes',
      (command) => command.example('$0 watch-console', 'As launchd runs it, until it is ended'),
      async (options) => {
        const { runWatchConsole } = await import('./run.ts');
        await runWatchConsole(options, context, place);
      },
    );
  };
