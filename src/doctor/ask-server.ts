import { lstat, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isRoamhomeError } from '../errors/errors.ts';
import type { Host } from '../host/host.ts';
import { textOf } from '../platform/text-of.ts';
import { collectStatus } from '../homes/status/collect.ts';
import { lastRunFile } from '../thinning/last-run.ts';
import { listFilesystems, type ListedFilesystem } from '../zfs/commands/list-filesystems.ts';
import { listGrants } from '../zfs/commands/permissions.ts';
import { parseDatasetName, type DatasetName } from '../zfs/names.ts';
import { listGrantsBelow } from '../provision/server/grants-below.ts';
import { limitColumns } from '../provision/server/wanted-limits.ts';
import { parseSshd, sshdQuestion, type SshdSettings } from '../provision/server/sshd-ways-in.ts';
import { lookForLshell, shellTrial } from '../provision/server/shell-trial.ts';
import { machineQuestions, type MachineTools } from './ask-machine.ts';
import { fileRightsColumns } from './checks/file-rights.ts';
import { isLshell, type AuthorizedKeys, type GuardedPlace, type ServerAccount } from './checks/server.ts';
import type { Questions } from './fact.ts';
import type { ServerKnown } from './known.ts';

/** What the server is looked at with besides. */
export interface ServerTools extends MachineTools {
  readonly host: Host;
  /** The account that Macs log in as, looked up once; null: there is none. */
  readonly account: () => Promise<ServerAccount | null>;
}

function rootsOf({ config: { server } }: ServerTools): readonly DatasetName[] {
  return [...new Set([server.root, server.conflictsRoot])].map(parseDatasetName);
}

/** What is not there is left out. */
async function listRoot(
  root: DatasetName,
  { zfs, signal }: ServerTools,
): Promise<readonly ListedFilesystem[]> {
  try {
    const columns = ['canmount', 'mounted', ...fileRightsColumns, ...limitColumns];
    return await zfs.run(listFilesystems(root, columns), { signal });
  } catch (error) {
    if (isRoamhomeError(error, 'dataset-missing')) return [];
    throw error;
  }
}

async function sshdSettings({ host, config, signal }: ServerTools): Promise<SshdSettings> {
  return parseSshd(await textOf(host, ['sshd', ...sshdQuestion(config.server.user)], signal));
}

async function lookAt(path: string): Promise<GuardedPlace | null> {
  try {
    const { uid, mode } = await lstat(path);
    return { path, uid, mode: mode & 0o7777 };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function authorizedKeys(tools: ServerTools): Promise<AuthorizedKeys | null> {
  const account = await tools.account();
  if (account === null) return null;
  const settings = await sshdSettings(tools);
  const [pattern = ''] = (settings.get('authorizedkeysfile') ?? '').split(' ');
  const filled = pattern
    .replaceAll('%h', account.home)
    .replaceAll('%u', tools.config.server.user)
    .replaceAll('%%', '%');
  const path = filled.startsWith('/') ? filled : `${account.home}/${filled}`;
  const places: GuardedPlace[] = [];
  // As sshd's StrictModes: the file, its directory, and so on up to the home.
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    const place = await lookAt(at);
    if (place !== null) places.push(place);
    if (at === account.home) break;
  }
  const isThere = places.some((place) => place.path === path);
  return { path, lines: isThere ? (await readFile(path, 'utf8')).split('\n') : null, places };
}

/** What the server is asked. Nothing is changed by it. */
export const serverQuestions: Questions<ServerTools, ServerKnown> = {
  ...machineQuestions,
  filesystems: async (tools) =>
    (await Promise.all(rootsOf(tools).map((root) => listRoot(root, tools)))).flat(),
  grants: async (tools) => {
    const { zfs, signal } = tools;
    return Promise.all(
      rootsOf(tools).map(async (root) => ({ root, grants: await zfs.run(listGrants(root), { signal }) })),
    );
  },
  grantsBelow: (tools) =>
    Promise.all(
      rootsOf(tools).map(async (root) => ({
        root,
        grants: await listGrantsBelow(tools, root, tools.signal),
      })),
    ),
  account: ({ account }) => account(),
  lshell: ({ host, signal }) => lookForLshell(host, signal),
  shellTrial: async ({ host, account, config, signal }) => {
    const found = await account();
    if (found === null || !isLshell(found.shell)) return null;
    const where = { account: config.server.user, home: found.home };
    return host.run(shellTrial(where, [found.shell]), { signal });
  },
  authorizedKeys,
  sshd: sshdSettings,
  status: async ({ config, zfs, signal }) => {
    const root = parseDatasetName(config.server.root);
    const conflictsRoot = parseDatasetName(config.server.conflictsRoot);
    return collectStatus({
      ...{ local: null, server: { zfs, root }, conflictsRoot, user: null, pending: [], signal },
    });
  },
  lastRun: ({ config }) => lastRunFile(config.local.stateDir).read(),
};
