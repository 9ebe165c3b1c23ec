import { isRoamhomeError } from '../errors/errors.ts';
import type { StateFile } from '../host/state-file.ts';
import type { Log } from '../log/log.ts';
import { listGuids, type VersionGuids } from '../zfs/commands/list-guids.ts';
import { listThinnable, type ThinnableDataset } from '../zfs/commands/list-thinnable.ts';
import { reclaim } from '../zfs/commands/reclaim.ts';
import { isUserName, type DatasetName } from '../zfs/names.ts';
import type { SyncZfs } from '../zfs/sync-zfs.ts';
import type { Arrivals } from './arrivals.ts';
import { inPieces } from './in-pieces.ts';
import type { MaximumAge } from './maximum-ages.ts';
import type { Elsewhere } from './pins.ts';
import { planBookmarks, type BookmarkPlan } from './plan-bookmarks.ts';
import { planThinning, type ThinnedDataset } from './plan-thinning.ts';
import type { Schedule } from './schedule.ts';

/** What thinning works with on this machine. */
export interface ThinningJob {
  /** This machine's, as root. */
  readonly zfs: SyncZfs;
  /** The homes here: `<root>/<user>`. */
  readonly root: DatasetName;
  /** The server as a Mac sees it; null: this is the server. */
  readonly server: { readonly zfs: SyncZfs; readonly root: DatasetName } | null;
  readonly schedule: Schedule;
  readonly maximumAges: readonly MaximumAge[];
  readonly match: RegExp;
  readonly bookmarkDays: number;
  /** Believe the clock, however far ahead it is. */
  readonly force: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** When homes were last thinned on this machine, in seconds since the epoch; null: not known. */
  readonly lastRun: StateFile<number | null>;
  /** When snapshots came here, as earlier runs saw it. */
  readonly arrivals: StateFile<Arrivals>;
  /** Keeps sessions of a user away until what it returns is called; throws `locked`. null: there are none here. */
  readonly lock: ((user: string) => Promise<() => Promise<void>>) | null;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** What becomes of a dataset's snapshots and bookmarks. */
export interface PlannedDataset extends ThinnedDataset, BookmarkPlan {
  /** The first part of its name below the root: the user, for a home. */
  readonly home: string;
}

/** All homes of this machine with what is below them, in one list. */
export async function listHomes({
  zfs,
  root,
  server,
  signal,
}: Pick<ThinningJob, 'zfs' | 'root' | 'server' | 'signal'>): Promise<readonly ThinnableDataset[]> {
  const listed = await zfs.run(listThinnable(root), { signal });
  // On a Mac what is no user's has no lock, and no counterpart.
  return listed.filter(({ name }) => name !== root && (server === null || isUserName(homeOf(name, root))));
}

/**
 * What would go of these homes. The server is asked only for those of which something would go if it had it. Changes nothing.
 * Throws `clock-leapt`, and what the list throws: without the server's answer nothing is planned on a Mac.
 */
export async function planHomes(
  job: ThinningJob,
  homes: readonly ThinnableDataset[],
): Promise<readonly PlannedDataset[]> {
  const { root, server, signal, bookmarkDays } = job;
  const clocks = { now: Math.floor(job.now() / 1000), lastRun: await job.lastRun.read() };
  const arrivals = await job.arrivals.read();
  const plan = (elsewhere: (dataset: DatasetName) => Elsewhere) =>
    planThinning(homes, { ...job, ...clocks, arrivals, elsewhere, onServer: server === null });
  let plans = plan(() => 'server');
  if (server !== null) {
    const asked = new Set(
      plans.filter(({ destroyed }) => destroyed.length > 0).map(({ dataset }) => homeOf(dataset, root)),
    );
    const guids = await askServer(server, [...asked], signal);
    // Of the others nothing goes, whatever the server has.
    plans = plan((dataset) =>
      asked.has(homeOf(dataset, root)) ? (guids.get(moved(dataset, root, server.root)) ?? 'none') : 'server',
    );
  }
  const bookmarks = new Map(
    homes.map((one): [DatasetName, ThinnableDataset['bookmarks']] => [one.name, one.bookmarks]),
  );
  return plans.map((one) => ({
    ...one,
    home: homeOf(one.dataset, root),
    ...planBookmarks(
      one.dataset,
      one.doubled === null ? (bookmarks.get(one.dataset) ?? []) : [],
      one.destroyed.map(({ snapshot }) => snapshot),
      { now: clocks.now, bookmarkDays },
    ),
  }));
}

function homeOf(dataset: DatasetName, root: DatasetName): string {
  return dataset.slice(root.length + 1).split('/', 1)[0] ?? '';
}

function moved(dataset: DatasetName, from: DatasetName, to: DatasetName): DatasetName {
  return `${to}${dataset.slice(from.length)}` as DatasetName;
}

/** What the server has of these homes. */
async function askServer(
  { zfs, root }: { readonly zfs: SyncZfs; readonly root: DatasetName },
  homes: readonly string[],
  signal: AbortSignal,
): Promise<VersionGuids> {
  if (homes.length === 0) return new Map();
  try {
    return await zfs.run(listGuids(homes.map((home) => `${root}/${home}` as DatasetName)), { signal });
  } catch (error) {
    // One of them is not on the server: zfs lists the others, but fails. All homes there can be a long list.
    if (!isRoamhomeError(error, 'dataset-missing')) throw error;
    return zfs.run(listGuids([root]), { signal });
  }
}

/**
 * The bytes that are freed when all that goes of a dataset goes, as zfs reckons them. Where one command cannot name
 * all, they are the sum of several, and less than what is freed. null: zfs cannot tell, as something hangs on a snapshot by now.
 */
export async function freedBytes(
  { zfs, signal }: Pick<ThinningJob, 'zfs' | 'signal'>,
  { dataset, destroyed }: ThinnedDataset,
): Promise<bigint | null> {
  let bytes = 0n;
  try {
    for (const names of inPieces(destroyed.map(({ snapshot }) => snapshot.name)))
      bytes += await zfs.run(reclaim(dataset, names), { signal });
  } catch (error) {
    if (!isRoamhomeError(error, 'dataset-busy', 'dataset-missing')) throw error;
    return null;
  }
  return bytes;
}
