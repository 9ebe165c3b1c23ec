import { dirname } from 'node:path';
import { noServerError } from '../config/no-server.ts';
import { refusalOf } from '../config/works.ts';
import { isRoamhomeError, RoamhomeError } from '../errors/errors.ts';
import { knownKeyTypes } from '../host/ssh/known-hosts.ts';
import { nativeCryptoLoaded } from '../host/ssh/native-crypto.ts';
import { loadPrivateKey, rsaBits } from '../host/ssh/private-key.ts';
import { readKnownHosts } from '../host/ssh/ssh-connect.ts';
import type { SshHost } from '../host/ssh/ssh.ts';
import { hookKinds, type HookKind } from '../install/hooks.ts';
import { othersCanChange } from '../host/others-can-change.ts';
import { macNameRules } from '../platform/name-rules.ts';
import type { Platform } from '../platform/platform.ts';
import type { ProcessEntry } from '../platform/process-list.ts';
import { limited } from '../sync/limited.ts';
import { withOwnMarks } from '../sync/own-marks.ts';
import { conflictProperty, sessionProperty } from '../sync/properties.ts';
import { setAccountHome } from '../homes/mount/account-home.ts';
import { mountpointOf } from '../homes/homes-in-use.ts';
import { listAll, spoolsOf } from '../homes/pending/notes-elsewhere.ts';
import type { ZfsCommand } from '../zfs/command.ts';
import { listGrants } from '../zfs/commands/permissions.ts';
import { listServerDatasets, type ServerDataset } from '../zfs/commands/list-server-datasets.ts';
import { childOf, parseDatasetName, type DatasetName } from '../zfs/names.ts';
import type { SyncZfs } from '../zfs/sync-zfs.ts';
import type { Dataset } from '../zfs/version.ts';
import { machineQuestions, type MachineTools } from './ask-machine.ts';
import { homeColumns, homesBelow } from './checks/homes.ts';
import type { Questions } from './fact.ts';
import type { MacKnown } from './known.ts';

/** What a Mac is looked at with besides. */
export interface MacTools extends MachineTools {
  readonly platform: Platform;
  readonly listProcesses: () => Promise<readonly ProcessEntry[]>;
  readonly serverHost: SshHost;
  /** What runs on it. */
  readonly server: SyncZfs;
  /** All below `local.root`, listed once. */
  readonly tree: () => Promise<readonly Dataset[]>;
}

/** Monitoring does not wait for ever. */
function patienceMs({ config }: MacTools): number {
  return config.limits.stallSeconds * 1000;
}

function tooSlow(milliseconds: number): RoamhomeError {
  return new RoamhomeError({
    code: 'timed-out',
    message: `the server has not answered within ${milliseconds / 1000} s`,
    remedy: 'Look at the load of the server, and of its pool (`zpool iostat`).',
    retryable: true,
  });
}

async function ask<T>(tools: MacTools, command: ZfsCommand<T>): Promise<T> {
  const { server, signal } = tools;
  return limited(patienceMs(tools), signal, tooSlow, (bounded) => server.run(command, { signal: bounded }));
}

/** Lists `local.root` with what the checks read of it. Throws `dataset-missing`, and `config-invalid` where it may be another. */
export async function listHomes({
  loaded,
  zfs,
  platform,
  signal,
}: Pick<MacTools, 'loaded' | 'zfs' | 'platform' | 'signal'>): Promise<readonly Dataset[]> {
  const wrong = refusalOf('judge-homes', loaded);
  if (wrong !== null) throw wrong;
  const { local } = loaded.config;
  const columns = [...new Set([...homeColumns, ...Object.keys(platform.homeProperties)])];
  const root = parseDatasetName(local.root);
  const tree = await zfs.listTree(root, columns, { signal });
  if (tree !== null) return withOwnMarks(zfs, root, tree, { signal });
  const command = `zfs create -o canmount=off -o mountpoint=none -o setuid=off -o devices=off ${local.root}`;
  throw new RoamhomeError({
    code: 'dataset-missing',
    message: `there is no ${local.root}, in which the homes of this Mac are`,
    remedy: `Set local.root to where they are; or, for a new Mac, \`${command}\``,
    commands: [command],
  });
}

/** Without the times of an OpenZFS that does not tell them: all else is the same. */
async function listOnServer(
  tools: MacTools,
  datasets: readonly DatasetName[],
): Promise<readonly ServerDataset[]> {
  try {
    return await ask(tools, listServerDatasets(datasets, sessionProperty));
  } catch (error) {
    if (!isRoamhomeError(error, 'unknown-option')) throw error;
    return ask(tools, listServerDatasets(datasets, sessionProperty, { times: false }));
  }
}

/** What a Mac is asked. Nothing is changed by it, here or on the server. */
export const macQuestions: Questions<MacTools, MacKnown> = {
  ...machineQuestions,
  skippedHooks: async ({ machine }) => {
    const { hooks } = machine();
    if (hooks === null) return [];
    const skipped: HookKind[] = [];
    for (const kind of hookKinds) if (await hooks.isSkipped(kind)) skipped.push(kind);
    return skipped;
  },
  group: async ({ platform, config }) => {
    try {
      // Whether root is a member does not matter.
      await platform.isMember('root', config.syncGroup);
      return true;
    } catch (error) {
      if (isRoamhomeError(error, 'group-unknown')) return false;
      throw error;
    }
  },
  machineId: ({ platform }) => platform.machineId(),
  homeProperties: ({ platform }) => platform.homeProperties,
  homeNames: ({ platform }) => (platform.kind === 'macos' ? macNameRules : null),
  accountHomes: async ({ tree, platform, config }) => {
    const users = homesBelow(config.local.root, await tree()).map(({ user }) => user);
    const pairs = await Promise.all(
      users.map(async (user) => [user, (await platform.findAccount(user))?.home] as const),
    );
    return new Map(
      pairs.flatMap(([user, home]) => {
        if (home === undefined) return [];
        const command = setAccountHome(platform.kind, user, mountpointOf(config.local, user));
        return [[user, { home, command }] as const];
      }),
    );
  },
  tree: ({ tree }) => tree(),
  running: async ({ listProcesses }) =>
    new Set((await listProcesses()).flatMap(({ uid, realUid }) => [uid, realUid])),
  uids: async ({ tree, platform, config }) => {
    const mounted = homesBelow(config.local.root, await tree()).filter(({ dataset }) => dataset.mounted);
    const pairs = mounted.map(
      async ({ user }) => [user, (await platform.findAccount(user))?.uid ?? null] as const,
    );
    return new Map(await Promise.all(pairs));
  },
  conflicts: async ({ zfs, config, signal }) =>
    (await zfs.listTree(parseDatasetName(config.local.conflictsRoot), [conflictProperty], { signal })) ?? [],
  pending: ({ config, platform }) => listAll(spoolsOf(config, platform.kind)),
  nativeCrypto: () => nativeCryptoLoaded(),
  key: async ({ config }) => {
    const path = config.server.identityFile;
    const key = loadPrivateKey(path);
    const { fingerprint } = key;
    const weakPlace = await othersCanChange(dirname(path));
    return { path, type: key.key.type, fingerprint, rsaBits: rsaBits(key), weakPlace };
  },
  trust: ({ config: { server }, loaded }) => {
    const wrong = refusalOf('ask-server', loaded);
    if (wrong !== null) throw wrong;
    if (server.address === undefined) throw noServerError();
    const entries = readKnownHosts(server.knownHostsFile);
    return knownKeyTypes(entries, server.address, server.port).length > 0;
  },
  connection: async ({ serverHost, signal }) => {
    const started = performance.now();
    await serverHost.connect(signal);
    return { milliseconds: performance.now() - started };
  },
  forbidden: (tools) => tools.serverHost.runForbidden({ signal: tools.signal, timeoutMs: patienceMs(tools) }),
  grants: async (tools) => {
    const { root, conflictsRoot } = tools.config.server;
    const roots = [...new Set([root, conflictsRoot])].map(parseDatasetName);
    return Promise.all(roots.map(async (one) => ({ root: one, grants: await ask(tools, listGrants(one)) })));
  },
  onServer: async (tools) => {
    const { local, server } = tools.config;
    const root = parseDatasetName(server.root);
    const homes = homesBelow(local.root, await tools.tree()).map(({ user }) => childOf(root, user));
    if (homes.length === 0) return [];
    try {
      return await listOnServer(tools, homes);
    } catch (error) {
      // One of them is not on the server: zfs lists the others, but fails. All homes there can be a long list.
      if (!isRoamhomeError(error, 'dataset-missing')) throw error;
      return listOnServer(tools, [root]);
    }
  },
};
