import { provisionOptions, type AddProvisionCommand } from './options.ts';

/** `roamhome provision server`. */
export const addServer: AddProvisionCommand = (provision, context) =>
  provision.command(
    'server',
    'Set up the server: datasets, the account of the Macs and its restriction, sshd, the job',
    (command) =>
      command
        .options(provisionOptions)
        .option('pool', {
          type: 'string',
          requiresArg: true,
          default: 'data',
          describe: 'The pool for the homes: POOL/profiles, POOL/profiles-conflicts',
        })
        .option('restriction', {
          choices: ['lshell', 'gate'] as const,
          describe: 'What keeps the Macs’ account to zfs  [default: as told]',
        })
        .option('for', {
          choices: ['macs', 'linux'] as const,
          describe: 'How new homes take names of files: a Mac wants case-insensitive, formD',
        })
        .option('exact', {
          type: 'boolean',
          default: false,
          describe: 'Take away what the account may do beyond what it needs',
        })
        .example('$0 provision server --pool data', 'On the server, as root')
        .example('$0 provision server --host admin@server.example', 'From your own machine')
        .example('$0 provision server --dry-run', 'What would be done'),
    async (options) => {
      const { runServer } = await import('./run-server.ts');
      await runServer(options, context);
    },
  );
