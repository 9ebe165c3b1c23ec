import { ConfigInvalidError } from '../../config/mistakes.ts';
import { readSetFlags } from '../../config/set-flags.ts';
import { RoamhomeError } from '../../errors/errors.ts';
import { clientTasks, type ClientSetup } from '../../provision/client/client-tasks.ts';
import { findPublicKey } from '../../provision/client/key-pair.ts';
import { keyDirectory } from '../../provision/client/wanted-client.ts';
import type { Machine } from '../../provision/machine.ts';
import { macNameFor } from '../../provision/client/mac-name.ts';
import { childOf, isReservedForNewPools, parseDatasetName } from '../../zfs/names.ts';
import type { CliContext } from '../framework/context.ts';
import { loadCliConfig } from '../framework/load-cli-config.ts';
import { createConfirm } from './confirm.ts';
import { defaultSettings } from './default-settings.ts';
import { keyAdder } from './key-adder.ts';
import type { ProvisionOptions } from './options.ts';
import { ownProgram } from './own-program.ts';
import { openProvisioned, performTasks } from './run-provision.ts';

export interface ClientOptions extends ProvisionOptions {
  readonly server: string;
  readonly port: number;
  readonly fingerprint: string | undefined;
  readonly pool: string | undefined;
  readonly createPool: string | undefined;
  readonly disk: string | undefined;
  readonly force: boolean;
  readonly yes: boolean;
  readonly mac: string | undefined;
  readonly serverAdmin: string | undefined;
}

/** Sets up a Mac or workstation and, with `--server-admin`, lets its key in on the server. */
export async function runClient(options: ClientOptions, context: CliContext): Promise<void> {
  const { signal } = context;
  checkOptions(options);
  const settings = settingsOf(options);
  const machine = await openProvisioned(options.host, options, context);
  let server: Machine | null = null;
  try {
    if (options.serverAdmin !== undefined)
      server = await openProvisioned(options.serverAdmin, options, context);
    const { config } = await loadCliConfig(options, 'authorise');
    const named = settings.get('syncGroup');
    const group = typeof named === 'string' ? named : config.syncGroup;
    const setup = await setupOf(machine, options, settings, { group, signal });
    const confirm = createConfirm({
      ...{ dryRun: options.dryRun, yes: options.yes, signal },
      instead: 'Give --fingerprint SHA256:… for the host key; for a disk, --yes once you have seen it.',
    });
    const publicKey = (abort: AbortSignal) => findPublicKey(machine, keyDirectory(machine.kind), abort);
    const key = { mac: setup.mac, publicKey, policy: { users: ['*'], mode: 'append' } } as const;
    const addKey = server === null ? null : await keyAdder(server, config, key, signal);
    await performTasks(
      clientTasks(machine, setup, { confirm, local: ownProgram(), addKey }),
      options,
      context,
    );
  } finally {
    await server?.host.close();
    await machine.host.close();
  }
}

/** What is written into the machine's settings: what the options say, and each `--set`. Throws `config-invalid`. */
function settingsOf(options: ClientOptions): ReadonlyMap<string, unknown> {
  const { createPool, pool = createPool ?? 'data', mac } = options;
  const root = childOf(parseDatasetName(pool), 'profiles');
  const { values, mistakes } = readSetFlags([
    `server.address=${options.server}`,
    `server.port=${options.port}`,
    `local.root=${root}`,
    `local.conflictsRoot=${root}-conflicts`,
    ...(mac === undefined ? [] : [`local.macName=${mac}`]),
    ...options.set,
  ]);
  if (mistakes.length > 0) throw new ConfigInvalidError(mistakes);
  return values;
}

async function setupOf(
  machine: Machine,
  options: ClientOptions,
  settings: ReadonlyMap<string, unknown>,
  { group, signal }: { readonly group: string; readonly signal: AbortSignal },
): Promise<ClientSetup> {
  const { createPool, disk, force, fingerprint } = options;
  const given = settings.get('local.macName');
  const mac = await macNameFor(machine, typeof given === 'string' ? given : undefined, signal);
  return {
    root: parseDatasetName(String(settings.get('local.root'))),
    pool: createPool === undefined || disk === undefined ? null : { pool: createPool, disk, force },
    server: { address: String(settings.get('server.address')), port: Number(settings.get('server.port')) },
    fingerprint,
    mac,
    group,
    settings: { ...Object.fromEntries(settings), 'local.macName': mac },
    defaults: defaultSettings(machine.kind),
  };
}

/** Throws `usage`. */
function checkOptions({ server, createPool, disk, pool, fingerprint }: ClientOptions): void {
  const [, address, port] = /^([^:]+|\[.*\]):(\d+)$/.exec(server) ?? [];
  if (address !== undefined && port !== undefined)
    throw usage(
      `${server} is a name with a port, and --server takes a name or an address`,
      `Give \`--server ${address.replaceAll(/[[\]]/g, '')} --port ${port}\`.`,
    );
  if ((createPool === undefined) !== (disk === undefined))
    throw usage(
      'a pool is made with --create-pool NAME and --disk /dev/…',
      'Give both, or --pool for one that is there.',
    );
  if (createPool !== undefined && isReservedForNewPools(createPool))
    throw usage(`no pool can be called ${createPool}`, 'Give another name: --create-pool data.');
  if (createPool !== undefined && pool !== undefined)
    throw usage(
      '--pool names a pool that is there, --create-pool one that is to be made',
      'Give one of them.',
    );
  if (fingerprint !== undefined && !/^SHA256:[A-Za-z0-9+/]{43}$/.test(fingerprint))
    throw usage(
      `${fingerprint} is no fingerprint`,
      'Give what `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` prints on the server: SHA256:…',
    );
  if (disk !== undefined && !/^\/dev\/[A-Za-z0-9_.:/-]+$/.test(disk))
    throw usage(`${disk} is no disk`, 'Give its path: /dev/….');
}

function usage(message: string, remedy: string): RoamhomeError {
  return new RoamhomeError({ code: 'usage', message, remedy });
}
