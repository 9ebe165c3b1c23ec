import { foldersHere, foldersOf, isFolderDataset } from '../mount/excluded-folders.ts';
import { pairDatasets, type HomeState } from '../../sync/home-state.ts';
import { parseSnapshotName } from '../../sync/snapshot-name.ts';
import { shortNameOf, type Guid } from '../../zfs/names.ts';
import type { Dataset, Snapshot } from '../../zfs/version.ts';

/** A snapshot of one dataset of a home, wherever it is kept. */
export interface KnownSnapshot {
  readonly guid: Guid;
  /** What stands behind the @: on this Mac, else on the server. */
  readonly short: string;
  /** Seconds since the epoch, by the clock of the machine that made it. */
  readonly creation: number;
  readonly here: Snapshot | null;
  readonly onServer: Snapshot | null;
}

/** A dataset of a home with every snapshot of it, the oldest first. */
export interface DatasetHistory {
  /** Below the home; '': the home itself. */
  readonly path: string;
  readonly snapshots: readonly KnownSnapshot[];
}

/** All that is kept of a home's past, on this Mac and, where it was asked, on the server. */
export interface HomeHistory {
  readonly user: string;
  /** Parents before children. */
  readonly datasets: readonly DatasetHistory[];
  /** Paths that are in no snapshot: datasets with roamhome:sync=off. */
  readonly excluded: readonly string[];
  /** Folders that are excluded now: snapshots from before have what was in them. */
  readonly folders: readonly string[];
}

/** `server`: null where there is none, or it was not asked. Pure. */
export function joinHistory(user: string, local: HomeState | null, server: HomeState | null): HomeHistory {
  const datasets = pairDatasets(local, server).map(({ path, local: here, server: there }) => ({
    path,
    snapshots: joinSnapshots(here, there),
  }));
  const sides = [local, server].filter((home) => home !== null);
  const excluded = sides.flatMap((home) =>
    home.excluded
      .filter((dataset) => !isFolderDataset(home.root, dataset))
      .map(({ name }) => name.slice(home.root.length + 1)),
  );
  const folders = sides.flatMap((home) => [...foldersHere(home), ...foldersOf(home).folders]);
  return { user, datasets, excluded: [...new Set(excluded)].sort(), folders: [...new Set(folders)].sort() };
}

/** Matched by guid. Each side's own order is right, and only the times can tell how the two lie to each other. */
function joinSnapshots(here: Dataset | null, there: Dataset | null): readonly KnownSnapshot[] {
  const mine = new Map((here?.snapshots ?? []).map((snapshot) => [snapshot.guid, snapshot]));
  const theirs = new Map((there?.snapshots ?? []).map((snapshot) => [snapshot.guid, snapshot]));
  const known = (guid: Guid, one: Snapshot): KnownSnapshot => ({
    guid,
    short: shortNameOf((mine.get(guid) ?? one).name),
    creation: one.creation,
    here: mine.get(guid) ?? null,
    onServer: theirs.get(guid) ?? null,
  });
  return [
    ...[...theirs].map(([guid, one]) => known(guid, one)),
    ...[...mine].filter(([guid]) => !theirs.has(guid)).map(([guid, one]) => known(guid, one)),
  ].sort((a, b) => a.creation - b.creation);
}

/** A moment of a home that is kept: the snapshots of its datasets that have one name. */
export interface HomeSnapshot {
  readonly name: string;
  readonly creation: number;
  /** The Mac that made it, as its name tells; null: it does not. */
  readonly macName: string | null;
  /** Written since the snapshot before it; where both sides have it, as the one with more snapshots shows it. */
  readonly bytes: number;
  /** `some`: this Mac has thinned it in some of the home's datasets. */
  readonly here: 'all' | 'some' | 'none';
  readonly onServer: 'all' | 'some' | 'none';
}

/** The newest first. Pure. */
export function homeSnapshots({ datasets }: HomeHistory): readonly HomeSnapshot[] {
  const groups = new Map<string, KnownSnapshot[]>();
  for (const snapshot of datasets.flatMap(({ snapshots }) => snapshots))
    groups.set(snapshot.short, [...(groups.get(snapshot.short) ?? []), snapshot]);
  return [...groups]
    .map(([name, members]) => ({
      name,
      creation: Math.max(...members.map(({ creation }) => creation)),
      macName: parseSnapshotName(name)?.macName ?? null,
      bytes: members.reduce((sum, member) => sum + changeOf(member), 0),
      here: share(members, ({ here }) => here !== null),
      onServer: share(members, ({ onServer }) => onServer !== null),
    }))
    .reverse()
    .sort((a, b) => b.creation - a.creation);
}

/** A side that has thinned the one before shows its changes too. */
function changeOf({ here, onServer }: KnownSnapshot): number {
  const written = [here, onServer].flatMap((one) => (one === null ? [] : [Number(one.written)]));
  return Math.min(...written);
}

function share(
  members: readonly KnownSnapshot[],
  has: (member: KnownSnapshot) => boolean,
): 'all' | 'some' | 'none' {
  const count = members.filter(has).length;
  return count === members.length ? 'all' : count > 0 ? 'some' : 'none';
}

/** The dataset that a path lies in now. Pure. */
export function datasetHolding({ datasets, user }: HomeHistory, parts: readonly string[]): DatasetHistory {
  const path = parts.join('/');
  const found = datasets.findLast(
    (dataset) => dataset.path === '' || path === dataset.path || path.startsWith(`${dataset.path}/`),
  );
  if (found === undefined) throw new Error(`the home of ${user} has no dataset of its own`);
  return found;
}
