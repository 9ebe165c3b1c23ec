import type { Argv } from 'yargs';
import type { CliContext, GlobalOptions } from '../framework/context.ts';
import { provisionOptions, type AddProvisionCommand } from './options.ts';

const mac = { type: 'string', demandOption: true, describe: 'The Mac’s name' } as const;

/** `roamhome provision key …`. */
export const addKey: AddProvisionCommand = (provision, context) =>
  provision.command('key', 'Authorise or revoke a Mac’s key on the server', (key) =>
    [addAdd, addList, addRevoke]
      .reduce((all, add) => add(all, context), key)
      .demandCommand(1, 'key needs to be told what to do: add, list, revoke'),
  );

type AddCommand = (key: Argv<GlobalOptions>, context: CliContext) => Argv<GlobalOptions>;

const addAdd: AddCommand = (key, context) =>
  key.command(
    'add <mac> [key]',
    'Authorise a Mac, restricted as the server is',
    (command) =>
      command
        .positional('mac', mac)
        .positional('key', {
          type: 'string',
          describe: 'Public key: a .pub file or its line; default: standard input',
        })
        .options(provisionOptions)
        .option('users', {
          type: 'string',
          requiresArg: true,
          describe: 'Behind the gate: only the homes of alice,bob  [default: all]',
        })
        .option('mode', {
          choices: ['append', 'read'] as const,
          default: 'append' as const,
          describe: 'Behind the gate: read lets nothing be written',
        })
        .example('$0 provision key add mac7 mac7.pub', 'On the server, as root')
        .example('$0 provision key add mac7 --host admin@server < mac7.pub', 'From your own machine'),
    async (options) => {
      const { runKeyAdd } = await import('./run-key.ts');
      await runKeyAdd(options, context);
    },
  );

const addList: AddCommand = (key, context) =>
  key.command(
    'list',
    'List the authorised keys',
    (command) =>
      command
        .option('host', provisionOptions.host)
        .option('json', { type: 'boolean', default: false, describe: 'Print JSON' })
        .example('$0 provision key list', 'Names, types, fingerprints, restrictions, days'),
    async (options) => {
      const { runKeyList } = await import('./run-key.ts');
      await runKeyList(options, context);
    },
  );

const addRevoke: AddCommand = (key, context) =>
  key.command(
    'revoke <mac>',
    'Revoke the key of a Mac, and end its connections',
    (command) =>
      command
        .positional('mac', { ...mac, describe: 'The Mac’s name, or its key’s fingerprint: SHA256:…' })
        .options(provisionOptions)
        .example('$0 provision key revoke mac7', 'When mac7 was stolen'),
    async (options) => {
      const { runKeyRevoke } = await import('./run-key.ts');
      await runKeyRevoke(options, context);
    },
  );
