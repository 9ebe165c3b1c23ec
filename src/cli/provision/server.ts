import { provisionOptions, type AddProvisionCommand } from './options.ts';

/** `roamhome provision server`. */
export const addServer: AddProvisionCommand = (provision, context) =>
  provision.command(
    'server',
    'Set up the server',
    (command) =>
      command
        .options(provisionOptions)
        .option('pool', {
          type: 'string',
          requiresArg: true,
          default: 'data',
          describe: 'Pool of POOL/profiles and POOL/profiles-conflicts',
        })
        .option('restriction', {
          choices: ['lshell', 'gate'] as const,
          describe: 'Restrict the account by lshell or gate  [default: as found]',
        })
        .option('for', {
          choices: ['macs', 'linux'] as const,
          describe: 'Set file names of new homes: macs is case-insensitive, formD',
        })
        .option('exact', {
          type: 'boolean',
          default: false,
          describe: 'Remove the account’s superfluous permissions',
        })
        .example('$0 provision server --pool data', 'On the server, as root')
        .example('$0 provision server --host admin@server.example', 'From your own machine')
        .example('$0 provision server --dry-run', 'What would be done'),
    async (options) => {
      const { runServer } = await import('./run-server.ts');
      await runServer(options, context);
    },
  );
