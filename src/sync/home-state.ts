import { shortNameOf, type DatasetName, type Guid, type SnapshotName } from '../zfs/names.ts';
import { isKeptHereByName } from './kept-here.ts';
import { syncProperty } from './properties.ts';
import type { SendFlags } from '../zfs/commands/stream.ts';
import type { Dataset, Snapshot } from '../zfs/version.ts';
import type { TokenContents } from '../zfs/commands/token.ts';
import { parseSnapshotName } from './snapshot-name.ts';

/**
 * Did files change since the newest snapshot? `written-only`: the dataset was written to (a mount does that),
 * but `zfs diff` has proved that no file of the user's differs. It needs no snapshot, and a rollback may give it up.
 */
export type Change = 'none' | 'written-only' | 'files';

/** A dataset of a home as it was observed on one side. */
export interface DatasetState extends Dataset {
  /** '' for the home itself, else the path below it: `Library/Caches`. The same on both sides. */
  readonly path: string;
  readonly change: Change;
  /**
   * It was mounted since `written` was read, be it read-only: that writes some KiB, which show with the transaction group or the
   * unmount. No file changed. Default: false.
   */
  readonly mountedSince?: boolean;
  /** What the interrupted receive waiting in it is about; null: none waits. `unknown`: the token cannot be read. */
  readonly partial: TokenContents | 'unknown' | null;
}

/** A home on one side: its datasets that take part in sync, parents before children. */
export interface HomeState {
  readonly root: DatasetName;
  readonly datasets: readonly DatasetState[];
  /** Below the home, marked `roamhome:sync=off` on this side, here or further up: see pairDatasets. */
  readonly excluded: readonly DatasetState[];
  /** Recorded at the first full send, on the server; null: not recorded here. */
  readonly sendFlags: SendFlags | null;
}

/** Where a dataset stands that both sides may have. */
export interface DatasetPair {
  readonly path: string;
  readonly local: DatasetState | null;
  readonly server: DatasetState | null;
}

/** The newest snapshot; null when there is none. */
export function headOf(dataset: Dataset): Snapshot | null {
  return dataset.snapshots.at(-1) ?? null;
}

/**
 * The datasets of the two sides matched by their path below the home, parents before children. What this Mac excludes is never
 * snapshotted, sent or received. What the server alone marks so, where anybody who has a key writes it, is synced like all else where
 * this Mac has it, and left there where it has not.
 */
export function pairDatasets(local: HomeState | null, server: HomeState | null): readonly DatasetPair[] {
  const [off, offThere] = [excludedPaths(local), excludedPaths(server)];
  const isIn = (all: readonly string[], path: string): boolean =>
    all.some((excluded) => path === excluded || path.startsWith(`${excluded}/`));
  const here = byPath(local?.datasets ?? []);
  const there = byPath([...(server?.datasets ?? []), ...(server?.excluded ?? [])]);
  const isExcluded = (path: string): boolean => isIn(off, path) || (!here.has(path) && isIn(offThere, path));
  return [...new Set([...here.keys(), ...there.keys()])]
    .filter((path) => !isExcluded(path))
    .sort()
    .map((path) => ({ path, local: here.get(path) ?? null, server: there.get(path) ?? null }));
}

function byPath(datasets: readonly DatasetState[]): ReadonlyMap<string, DatasetState> {
  return new Map(datasets.map((dataset) => [dataset.path, dataset]));
}

/** The paths of what the server alone marks as not to be synced. Pure. */
export function offOnServerAlone(local: HomeState | null, server: HomeState | null): readonly string[] {
  const here = new Set(excludedPaths(local));
  return excludedPaths(server).filter((path) => !here.has(path));
}

/** What is said of one of these. Pure. */
export function offOnServerInWords(path: string, root: DatasetName): string {
  if (isKeptHereByName(`${root}/${path}` as DatasetName))
    return (
      `the server has ${path} in the home, by the name of an excluded folder, which stays on each Mac: it is not brought here. ` +
      `Run \`zfs rename ${root}/${path} …\` on the server, as root, to have it synced by another name`
    );
  return (
    `the server marks ${path} of the home as not to be synced, which this Mac does not: what this Mac has of it is synced all the same. ` +
    `Run \`zfs inherit ${syncProperty} ${root}/${path}\` on the server, as root, or exclude it here too (\`zfs set ${syncProperty}=off\`)`
  );
}

function excludedPaths(home: HomeState | null): readonly string[] {
  return home === null ? [] : home.excluded.map(({ name }) => name.slice(home.root.length + 1));
}

/** Something of it is in no snapshot. */
export function needsSnapshot(dataset: DatasetState): boolean {
  return dataset.change === 'files' || (dataset.snapshots.length === 0 && !isUnfinished(dataset));
}

/** The datasets that need a snapshot so that nothing of the home is outside of one. */
export function datasetsToSnapshot(home: HomeState): readonly DatasetName[] {
  const needed = home.datasets.some(needsSnapshot);
  return needed ? home.datasets.filter((dataset) => !isUnfinished(dataset)).map(({ name }) => name) : [];
}

/** Nothing was written since its newest snapshot, as far as an unmounted dataset shows that. */
export function isAsItsHead(dataset: DatasetState): boolean {
  return headOf(dataset) !== null && dataset.written === 0n;
}

/** A full receive that was interrupted: the dataset is there, but holds no version yet. */
export function isUnfinished(dataset: DatasetState): boolean {
  return dataset.snapshots.length === 0 && dataset.partial !== null;
}

/** No snapshot's: ZFS draws them at random, and leaves this one out. */
const unreadGuid = '0' as Guid;

/** True when the state holds a snapshot that was not read back: neither its guid nor its time is known. */
export function hasUnread(home: HomeState | null): boolean {
  return home?.datasets.some((dataset) => headOf(dataset)?.guid === unreadGuid) === true;
}

/** Nothing was seen written, and yet there may be something: a program is at work in it, or a mount has written since. */
function mayHideWrites({ written, mounted, mountedSince = false }: DatasetState): boolean {
  return written === 0n && (mounted || mountedSince);
}

/** True when a mount of ours may have written what `written` of one of these datasets does not show. */
export function isOutOfDate({ datasets }: HomeState, among?: ReadonlyMap<DatasetName, unknown>): boolean {
  return datasets.some(
    (dataset) =>
      dataset.mountedSince === true && mayHideWrites(dataset) && among?.has(dataset.name) !== false,
  );
}

/**
 * The state that a snapshot of some datasets leaves, by its whole names. What it does not know of it is its guid and its time; and of a
 * dataset in use, or mounted since it was listed, how much it has: what was written does not show in `written` yet, but is in the
 * snapshot, so that one counts as changed until it is read back.
 */
export function afterSnapshot(home: HomeState, names: ReadonlyMap<DatasetName, SnapshotName>): HomeState {
  return {
    ...home,
    datasets: home.datasets.map((dataset) => {
      const name = names.get(dataset.name);
      if (name === undefined) return dataset;
      const created: Snapshot = {
        kind: 'snapshot',
        name,
        guid: unreadGuid,
        createtxg: (headOf(dataset)?.createtxg ?? 0n) + 1n,
        // As its name says it: zfs was not asked since.
        creation: Math.floor((parseSnapshotName(shortNameOf(name))?.at.getTime() ?? 0) / 1000),
        written: mayHideWrites(dataset) ? 1n : dataset.written,
      };
      const snapshots = [...dataset.snapshots, created];
      return { ...dataset, ...{ written: 0n, change: 'none', mountedSince: false, snapshots } };
    }),
  };
}
