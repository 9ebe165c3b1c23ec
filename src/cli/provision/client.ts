import { provisionOptions, type AddProvisionCommand } from './options.ts';

const text = { type: 'string', requiresArg: true } as const;

/** `roamhome provision client`. */
export const addClient: AddProvisionCommand = (provision, context) =>
  provision.command(
    'client',
    'Set up a Mac or a workstation',
    (command) =>
      command
        .options(provisionOptions)
        .option('server', { ...text, demandOption: true, describe: 'The server’s name or address' })
        .option('port', { type: 'number', default: 22, describe: 'Where its sshd listens' })
        .option('fingerprint', {
          ...text,
          describe: 'Expect this host key (SHA256:…) instead of asking',
        })
        .option('pool', { ...text, describe: 'The pool for the homes: POOL/profiles  [default: data]' })
        .option('create-pool', { ...text, describe: 'Make this pool on --disk' })
        .option('disk', { ...text, describe: 'An empty disk or partition: /dev/…' })
        .option('force', { type: 'boolean', default: false, describe: 'Overwrite the data on that disk' })
        .option('yes', {
          type: 'boolean',
          default: false,
          describe: 'Show disk and host key, and do not ask',
        })
        .option('mac', { ...text, describe: 'Its name in snapshots and keys; default: its host name' })
        .option('server-admin', { ...text, describe: 'Authorise its key over SSH: admin@server[:port]' })
        .example('$0 provision client --server server.example', 'On the Mac, as root')
        .example(
          '$0 provision client --server s --create-pool data --disk /dev/sdb',
          'With a pool of its own',
        ),
    async (options) => {
      const { runClient } = await import('./run-client.ts');
      await runClient(options, context);
    },
  );
