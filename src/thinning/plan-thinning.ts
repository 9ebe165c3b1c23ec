import type { ThinnableDataset, ThinnableSnapshot } from '../zfs/commands/list-thinnable.ts';
import type { DatasetName } from '../zfs/names.ts';
import { clockLeapError, findClockLeap } from './clock-leap.ts';
import { maximumAgeOf, type MaximumAge } from './maximum-ages.ts';
import { findPins, type Elsewhere } from './pins.ts';
import type { Schedule } from './schedule.ts';
import { thin, type Thinned } from './thin.ts';

export interface ThinningOptions {
  readonly schedule: Schedule;
  readonly maximumAges: readonly MaximumAge[];
  /** Finds the short names of the snapshots that are ours to thin. */
  readonly match: RegExp;
  readonly elsewhere: (dataset: DatasetName) => Elsewhere;
  /** Both in seconds since the epoch. `lastRun` null: not known. */
  readonly now: number;
  readonly lastRun: number | null;
  /** Believe the clock, however far ahead it is. */
  readonly force: boolean;
}

export interface ThinnedDataset extends Thinned<ThinnableSnapshot> {
  readonly dataset: DatasetName;
}

/** What thinning would do to each dataset. Pure; linear. Throws `clock-leapt`. */
export function planThinning(
  datasets: readonly ThinnableDataset[],
  options: ThinningOptions,
): readonly ThinnedDataset[] {
  const { schedule, maximumAges, match, elsewhere, now, lastRun, force } = options;
  const clocks = { now, lastRun, newestSnapshot: newestCreation(datasets) };
  const leap = force ? null : findClockLeap(clocks);
  if (leap !== null) throw clockLeapError(leap, clocks);
  return datasets.map(({ name: dataset, snapshots }) => {
    const maximumAge = maximumAgeOf(dataset, maximumAges);
    const pins = findPins(snapshots, elsewhere(dataset));
    return { dataset, ...thin(snapshots, { schedule, maximumAge, pins, match, now }) };
  });
}

function newestCreation(datasets: readonly ThinnableDataset[]): number | null {
  let newest: number | null = null;
  for (const { snapshots } of datasets)
    for (const { creation } of snapshots) newest = Math.max(newest ?? creation, creation);
  return newest;
}
