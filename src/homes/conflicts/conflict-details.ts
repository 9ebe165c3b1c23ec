import { conflictUser } from '../diverged/conflict-user.ts';
import { conflictProperty, fetchingProperty } from '../../sync/properties.ts';
import { parseConflictName } from '../diverged/conflict-names.ts';
import type { DatasetName } from '../../zfs/names.ts';
import type { CallOptions, SyncZfs } from '../../zfs/sync-zfs.ts';
import type { Dataset, Snapshot } from '../../zfs/version.ts';

/** A conflict as it is on one side. */
export interface ConflictSide {
  readonly dataset: DatasetName;
  /** With those below it, parents first. */
  readonly datasets: readonly Dataset[];
}

/** All that is known of a conflict. */
export interface ConflictDetails {
  readonly name: string;
  readonly user: string;
  /** The Mac on which its line was made; null: its name does not say it. */
  readonly macName: string | null;
  /** Seconds since the epoch, by that Mac's clock: its first and its newest snapshot; null: it has none, as its first stream was interrupted. */
  readonly since: number | null;
  readonly newest: number | null;
  readonly onMac: ConflictSide | null;
  readonly onServer: ConflictSide | null;
}

/** What is asked of a conflict on each side: the server's gate lets nobody ask for what only a Mac notes. */
const sideProperties = {
  mac: [conflictProperty, fetchingProperty, 'origin', 'used', 'mountpoint'],
  server: [conflictProperty, 'origin', 'used', 'mountpoint'],
} as const;

/** One side of a conflict; null: it is not there, or what is there is no conflict of Roamhome's. */
export async function readSide(
  zfs: SyncZfs,
  dataset: DatasetName,
  { side, ...options }: CallOptions & { readonly side: keyof typeof sideProperties },
): Promise<ConflictSide | null> {
  const datasets = (await zfs.listTree(dataset, sideProperties[side], options)) ?? [];
  const root = datasets.find(({ name }) => name === dataset);
  return root === undefined || conflictUser(root) === null ? null : { dataset, datasets };
}

/** Whether all of it is here; not so: bringing it to this Mac was cut, anywhere. */
export function isWhole({ datasets }: ConflictSide): boolean {
  return (
    datasets[0]?.properties[fetchingProperty] !== 'on' &&
    datasets.every(({ resumeToken }) => resumeToken === null)
  );
}

/** What two sides say of a conflict; null: neither has it. Pure. */
export function joinSides(
  name: string,
  onMac: ConflictSide | null,
  onServer: ConflictSide | null,
): ConflictDetails | null {
  const [root] = [...(onMac?.datasets ?? []), ...(onServer?.datasets ?? [])];
  const user = root === undefined ? null : conflictUser(root);
  if (user === null) return null;
  const times = [onMac, onServer].flatMap((side) => snapshotsOf(side)).map(({ creation }) => creation);
  return {
    name,
    user,
    macName: parseConflictName(name, user)?.macName ?? null,
    ...firstAndLast(times),
    onMac,
    onServer,
  };
}

/** The earliest and the latest of some times; null: there are none. */
export function firstAndLast(times: readonly number[]): Pick<ConflictDetails, 'since' | 'newest'> {
  return times.length === 0
    ? { since: null, newest: null }
    : { since: Math.min(...times), newest: Math.max(...times) };
}

/** Of all its datasets. */
export function snapshotsOf(side: ConflictSide | null): readonly Snapshot[] {
  return side?.datasets.flatMap(({ snapshots }) => snapshots) ?? [];
}

/** Bytes that a side takes up, as zfs counts them: what it shares with the home is not among them. */
export function usedBytes({ datasets }: ConflictSide): number {
  // `used` of a dataset counts those below it.
  return Number(datasets[0]?.properties['used'] ?? 0);
}
