import { provisionOptions, type AddProvisionCommand } from './options.ts';

/** `roamhome provision role`. */
export const addRole: AddProvisionCommand = (provision, context) =>
  provision.command(
    'role <role>',
    'Set the role of this machine: a Mac or the server',
    (command) =>
      command
        .positional('role', {
          choices: ['mac', 'server'] as const,
          demandOption: true,
          describe: 'mac is a workstation too',
        })
        .options(provisionOptions)
        .example('$0 provision role server', 'On a server that was set up before roles were')
        .example('$0 provision role mac --dry-run', 'What would be written'),
    async (options) => {
      const { runRole } = await import('./run-role.ts');
      await runRole(options, context);
    },
  );
