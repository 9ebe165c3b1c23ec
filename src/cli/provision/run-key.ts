import { readFile } from 'node:fs/promises';
import { text as textOfStream } from 'node:stream/consumers';
import { RoamhomeError } from '../../errors/errors.ts';
import type { AuthorizedKey } from '../../provision/key/authorized-keys.ts';
import { noPolicyTask } from '../../provision/key/gate.ts';
import {
  endSessionsTask,
  homeOfAccount,
  keysPlaceTasks,
  listKeys,
  removeKeyTask,
} from '../../provision/key/key-tasks.ts';
import { parsePublicKey } from '../../provision/key/public-key.ts';
import type { CliContext, GlobalOptions } from '../framework/context.ts';
import { loadCliConfig } from '../framework/load-cli-config.ts';
import { keyAdder } from './key-adder.ts';
import { keyRows } from './key-rows.ts';
import type { ProvisionOptions } from './options.ts';
import { openProvisioned, provisionMachine } from './run-provision.ts';

export interface KeyAddOptions extends ProvisionOptions {
  readonly mac: string;
  readonly key: string | undefined;
  readonly users: string | undefined;
  readonly mode: 'append' | 'read';
}

/** Lets a Mac's key in. */
export async function runKeyAdd(options: KeyAddOptions, context: CliContext): Promise<void> {
  const mac = macNamed(options.mac);
  const key = parsePublicKey(await keyText(options.key));
  const policy = { users: options.users?.split(',') ?? ['*'], mode: options.mode };
  const { config } = await loadCliConfig(options, 'authorise');
  await provisionMachine(options, context, (machine) =>
    keyAdder(machine, config, { mac, policy, publicKey: () => Promise.resolve(key) }, context.signal),
  );
}

/** Lets it in no more. */
export async function runKeyRevoke(
  options: ProvisionOptions & { readonly mac: string },
  context: CliContext,
): Promise<void> {
  const isFingerprint = /^SHA256:[A-Za-z0-9+/]{43}$/.test(options.mac);
  const mac = isFingerprint ? options.mac : macNamed(options.mac);
  const { config } = await loadCliConfig(options, 'authorise');
  const account = config.server.user;
  await provisionMachine(options, context, (machine) => [
    ...keysPlaceTasks(machine, account, homeOfAccount(machine, account)),
    // The line first: whoever is sent away would come again.
    removeKeyTask(machine, account, mac),
    endSessionsTask(machine, account, mac),
    ...(isFingerprint ? [] : [noPolicyTask(machine, mac)]),
  ]);
}

/** Prints who is let in. */
export async function runKeyList(
  options: GlobalOptions & { readonly host: string | undefined; readonly json: boolean },
  context: CliContext,
): Promise<void> {
  const { config } = await loadCliConfig(options, 'authorise');
  const machine = await openProvisioned(options.host, options, context);
  let keys: readonly AuthorizedKey[];
  try {
    keys = await listKeys(machine, config.server.user, context.signal);
  } finally {
    await machine.host.close();
  }
  context.print(options.json ? { keys } : keyRows(keys).join('\n'));
}

/** The key itself, or what a file or standard input holds. Throws `file-unreadable` and `usage`. */
async function keyText(given: string | undefined): Promise<string> {
  if (given === undefined) {
    if (process.stdin.isTTY)
      throw new RoamhomeError({
        code: 'usage',
        message: 'no public key is given',
        remedy: 'Name the .pub file behind the Mac’s name, or have it on standard input.',
      });
    return textOfStream(process.stdin);
  }
  if (/^(?:ssh|ecdsa|sk)-\S+\s/.test(given)) return given;
  try {
    return await readFile(given, 'utf8');
  } catch (cause) {
    throw new RoamhomeError({
      code: 'file-unreadable',
      message: `${given} is neither a public key nor a file that can be read`,
      remedy: 'Name the .pub file, or give its line as one word in quotes.',
      cause,
    });
  }
}

function macNamed(name: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name)) return name;
  throw new RoamhomeError({
    code: 'usage',
    message: `${JSON.stringify(name)} cannot be the name of a Mac`,
    remedy: 'Take its local.macName: letters, digits and _ . -',
  });
}
