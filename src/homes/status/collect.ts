import { isRoamhomeError, RoamhomeError } from '../../errors/errors.ts';
import type { PendingHome } from '../pending/spool.ts';
import { listProperty, listTrees } from '../../zfs/commands/list.ts';
import { childOf, isUserName, type DatasetName } from '../../zfs/names.ts';
import type { SyncZfs } from '../../zfs/sync-zfs.ts';
import type { Dataset } from '../../zfs/version.ts';
import { homeStatus, statusProperties, type HomeStatus } from './home-status.ts';
import { seenMacs, type SeenMac } from './seen-macs.ts';
import { withOwnMarks } from '../../sync/own-marks.ts';
import type { Contents } from '../../sync/likeness.ts';
import { waitingConflicts } from './waiting-conflicts.ts';

export interface StatusRequest {
  /** null: this is the server, which has no other side. */
  readonly local: { readonly zfs: SyncZfs; readonly root: DatasetName } | null;
  /** null: it is not to be asked. */
  readonly server: { readonly zfs: SyncZfs; readonly root: DatasetName } | null;
  /** On the server: where conflicts are. null: a Mac does not ask for these. */
  readonly conflictsRoot: DatasetName | null;
  /** What `tend` has read of the server's snapshots; on the server itself. Default: nothing. */
  readonly contents?: Contents;
  /** One home; null: all that are here. */
  readonly user: string | null;
  readonly pending: readonly PendingHome[];
  readonly signal: AbortSignal;
}

export interface Status {
  readonly homes: readonly HomeStatus[];
  /** On the server: the Macs that it has got something of. */
  readonly macs: readonly SeenMac[];
  /** Why the server could not be asked; null: it was, or was not to be. */
  readonly serverProblem: RoamhomeError | null;
}

type Trees = ReadonlyMap<string, readonly Dataset[]>;

/** Reads each side with one `zfs list`. A server that is away is told; what is wrong with this machine is thrown. */
export async function collectStatus(request: StatusRequest): Promise<Status> {
  const { local, server, user, signal } = request;
  if (local === null && server !== null) return collectOnServer(server, request);
  if (local === null) throw new Error('a status of neither side');
  const here: Trees = await ownMarks(
    local,
    await homesIn(local.zfs, local.root, user === null ? null : [user], statusProperties.local, signal),
    signal,
  );
  let there: Trees | null = null;
  let serverProblem: RoamhomeError | null = null;
  // A Mac asks for its own homes: the server may have a thousand.
  const wanted = user === null ? [...here.keys()] : [user];
  if (server !== null) {
    try {
      there = await homesIn(server.zfs, server.root, wanted, statusProperties.server, signal);
    } catch (error) {
      if (!isRoamhomeError(error) || signal.aborted) throw error;
      serverProblem = error;
    }
  }
  const users = [...new Set([...here.keys(), ...(there?.keys() ?? [])])].sort();
  if (user !== null && users.length === 0 && serverProblem === null) throw noHome(user, request);
  const homes = users.map((name) =>
    homeStatus({
      user: name,
      local: here.get(name) ?? null,
      server: there === null ? undefined : (there.get(name) ?? null),
      pendingSince: sinceOf(request.pending, name),
      lacks: request.pending.find((home) => home.user === name)?.lacks ?? null,
    }),
  );
  return { homes, macs: [], serverProblem };
}

/** Homes, conflicts and Macs, as the server's one list shows them. */
async function collectOnServer(
  { zfs, root }: NonNullable<StatusRequest['server']>,
  request: StatusRequest,
): Promise<Status> {
  const { user, conflictsRoot, signal } = request;
  const list = async (roots: readonly DatasetName[]): Promise<readonly Dataset[]> =>
    zfs.run(listTrees(roots, statusProperties.onServer), { signal });
  let found: readonly Dataset[];
  try {
    found = await list(conflictsRoot === null ? [root] : [root, conflictsRoot]);
  } catch (error) {
    // Only what provisioning makes has a place for conflicts; without one there are none.
    if (conflictsRoot === null || !isRoamhomeError(error, 'dataset-missing')) throw error;
    found = await list([root]);
  }
  const isBelow = (name: string, top: string | null): boolean => top !== null && name.startsWith(`${top}/`);
  const inHomes = found.filter(({ name }) => isBelow(name, root) && !isBelow(`${name}/`, conflictsRoot));
  const all = treesBelow(root, inHomes);
  const conflicts = found.filter(({ name }) => isBelow(name, conflictsRoot));
  const waiting =
    conflictsRoot === null
      ? new Map<string, never>()
      : waitingConflicts(conflicts, conflictsRoot, all, request.contents);
  const users = [...new Set([...all.keys(), ...waiting.keys()])].sort();
  const wanted = user === null ? users : users.filter((name) => name === user);
  if (user !== null && wanted.length === 0) throw noHome(user, request);
  const homes = wanted.map((name) =>
    homeStatus({
      ...{ user: name, local: null, server: all.get(name) ?? null, pendingSince: null, lacks: null },
      waiting: waiting.get(name) ?? [],
    }),
  );
  return { homes, macs: user === null ? seenMacs(all) : [], serverProblem: null };
}

/** The homes below a root by their users, each with the datasets below it. `users` null: all. */
async function homesIn(
  zfs: SyncZfs,
  root: DatasetName,
  users: readonly string[] | null,
  properties: readonly string[],
  signal: AbortSignal,
): Promise<Trees> {
  if (users?.length === 0) return new Map();
  const list = async (roots: readonly DatasetName[]): Promise<readonly Dataset[]> =>
    zfs.run(listTrees(roots, properties), { signal });
  let found: readonly Dataset[];
  try {
    found = await list(users === null ? [root] : users.map((user) => childOf(root, user)));
  } catch (error) {
    if (users === null || !isRoamhomeError(error, 'dataset-missing')) throw error;
    // One of them is not there: zfs lists the others, but fails. All homes there can be a long list.
    found = users.length === 1 ? [] : await list([root]);
    if (found.length === 0) await requireRoot(zfs, root, signal);
  }
  const trees = treesBelow(root, found);
  return users === null ? trees : new Map([...trees].filter(([user]) => users.includes(user)));
}

/** What is marked as not to be synced on this machine, without what came with a stream. */
async function ownMarks(
  { zfs, root }: { readonly zfs: SyncZfs; readonly root: DatasetName },
  trees: Trees,
  signal: AbortSignal,
): Promise<Trees> {
  const all = await withOwnMarks(zfs, root, [...trees.values()].flat(), { signal });
  return treesBelow(root, all);
}

/** By the users whose names they have. Pure. */
function treesBelow(root: DatasetName, found: readonly Dataset[]): Trees {
  const trees = new Map<string, Dataset[]>();
  for (const dataset of found) {
    const [user = ''] = dataset.name.slice(root.length + 1).split('/', 1);
    if (!isUserName(user)) continue;
    const known = trees.get(user);
    if (known === undefined) trees.set(user, [dataset]);
    else known.push(dataset);
  }
  return trees;
}

/** Throws `dataset-missing` where there is no place for homes at all: that none is there says nothing then. */
async function requireRoot(zfs: SyncZfs, root: DatasetName, signal: AbortSignal): Promise<void> {
  try {
    await zfs.run(listProperty(root, 'name'), { signal });
  } catch (error) {
    if (!isRoamhomeError(error, 'dataset-missing')) throw error;
    throw new RoamhomeError({
      code: 'dataset-missing',
      message: `${zfs.host.name} has no dataset ${root}, where homes should be`,
      remedy: 'Correct local.root or server.root (`roamhome config show`), or provision that machine.',
    });
  }
}

function sinceOf(pending: readonly PendingHome[], user: string): number | null {
  const home = pending.find((one) => one.user === user);
  // Of a home in use: what it has for the server is seen by its snapshots.
  const since = home === undefined || home.lacks === 'session' ? null : home.since;
  return since === null ? null : Date.parse(since);
}

function noHome(user: string, { local, server }: StatusRequest): RoamhomeError {
  const places = [local === null ? null : 'on this machine', server === null ? null : 'on the server'];
  return new RoamhomeError({
    code: 'home-missing',
    message: `${user} has no home ${places.filter((place) => place !== null).join(' or ')}`,
    remedy: 'Check the name, and local.root and server.root (`roamhome config show`).',
  });
}
