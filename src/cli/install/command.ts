import type { InstallPlace } from '../../wire/install.ts';
import type { RegisterCommand } from '../framework/context.ts';

/** `roamhome install`. `place`: where, in tests; else this machine. */
export const installAt =
  (place?: InstallPlace): RegisterCommand =>
  (program, context) => {
    program.command(
      'install',
      'Set up the jobs and hooks of this machine',
      (command) =>
        command
          .option('server', { type: 'boolean', default: false, describe: 'This is the server' })
          .option('watch-console', {
            type: 'boolean',
            default: false,
            describe: 'Add a job that follows the console, where hooks do not fire',
          })
          .option('dry-run', {
            type: 'boolean',
            default: false,
            describe: 'Print what would be written and run; change nothing',
          })
          .option('json', {
            type: 'boolean',
            default: false,
            describe: 'Print what was done as JSON, at the end',
          })
          .example('$0 install', 'On a Mac or a workstation; again after an upgrade')
          .example('$0 install --server', 'On the server')
          .example('$0 install --dry-run', 'What would be written and run'),
      async (options) => {
        const { runInstall } = await import('./run.ts');
        await runInstall('install', options, context, place);
      },
    );
  };

/** `roamhome uninstall`. `place` as for installAt. */
export const uninstallAt =
  (place?: InstallPlace): RegisterCommand =>
  (program, context) => {
    program.command(
      'uninstall',
      'Remove the jobs and hooks of this machine',
      (command) =>
        command
          .option('dry-run', {
            type: 'boolean',
            default: false,
            describe: 'Print what would be removed and run; change nothing',
          })
          .option('json', {
            type: 'boolean',
            default: false,
            describe: 'Print what was done as JSON, at the end',
          })
          .example('$0 uninstall', 'Before Roamhome itself is removed')
          .example('$0 uninstall --dry-run', 'What would be removed and run'),
      async (options) => {
        const { runInstall } = await import('./run.ts');
        await runInstall('uninstall', { ...options, server: false, watchConsole: false }, context, place);
      },
    );
  };
