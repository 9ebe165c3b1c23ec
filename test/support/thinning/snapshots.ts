import { parseSchedule, type Schedule } from '../../../src/thinning/schedule.ts';
import { thin, type ThinOptions, type Thinnable } from '../../../src/thinning/thin.ts';
import type { Guid, SnapshotName } from '../../../src/zfs/names.ts';

export const defaultSchedule: Schedule = parseSchedule('24h=>5min,7d=>1h,90d=>1d,1y=>1w,10y=>1month');

/** Snapshots of one dataset, in the order of createtxg, with these creations (seconds since the epoch). */
export function snapshotsAt(creations: readonly number[], name = 'roamhome-'): readonly Thinnable[] {
  return creations.map((creation, i) => ({
    name: `data/profiles/alice@${name}${i + 1}` as SnapshotName,
    guid: String(i + 1) as Guid,
    createtxg: BigInt(i + 1),
    creation,
  }));
}

/** Nothing pinned, the default schedule, no maximum age. */
export function optionsAt(now: number, options: Partial<ThinOptions> = {}): ThinOptions {
  return {
    schedule: defaultSchedule,
    maximumAge: null,
    pins: new Map(),
    match: /^roamhome-/,
    now,
    ...options,
  };
}

/** The snapshots that are left. */
export function leftOf<S extends Thinnable>(snapshots: readonly S[], options: ThinOptions): readonly S[] {
  return thin(snapshots, options).kept.map(({ snapshot }) => snapshot);
}

export const guidsOf = (snapshots: readonly Thinnable[]): readonly string[] =>
  snapshots.map(({ guid }) => guid);
