import type { ThinnableDataset, ThinnableSnapshot } from '../zfs/commands/list-thinnable.ts';
import { findDoubled, type Doubled } from '../zfs/doubled.ts';
import type { DatasetName, Guid } from '../zfs/names.ts';
import { latestArrival, type Arrivals } from './arrivals.ts';
import { clockLeapError, findClockLeap } from './clock-leap.ts';
import { maximumAgeOf, type MaximumAge } from './maximum-ages.ts';
import { findPins, type Elsewhere } from './pins.ts';
import type { Schedule } from './schedule.ts';
import { thin, type Pin, type Thinned } from './thin.ts';

export interface ThinningOptions {
  readonly schedule: Schedule;
  readonly maximumAges: readonly MaximumAge[];
  /** Finds the short names of the snapshots that are ours to thin. */
  readonly match: RegExp;
  readonly elsewhere: (dataset: DatasetName) => Elsewhere;
  /** Both in seconds since the epoch. `lastRun` null: not known. */
  readonly now: number;
  readonly lastRun: number | null;
  /** What earlier runs saw of when snapshots came. Default: nothing. */
  readonly arrivals?: Arrivals;
  /** Believe the clock, however far ahead it is. */
  readonly force: boolean;
  /** This is the server: the command that a remedy names is another there. */
  readonly onServer: boolean;
}

export interface ThinnedDataset extends Thinned<ThinnableSnapshot> {
  readonly dataset: DatasetName;
  /** Two of its snapshots that have one guid: nothing of it goes. null: there are none. */
  readonly doubled: Doubled | null;
}

/** What thinning would do to each dataset. Pure. Throws `clock-leapt`. */
export function planThinning(
  datasets: readonly ThinnableDataset[],
  options: ThinningOptions,
): readonly ThinnedDataset[] {
  const { schedule, maximumAges, match, elsewhere, now, lastRun, force, onServer } = options;
  const arrival = latestArrival(options.arrivals ?? [], now);
  const clocks = { now, lastRun, creations: creationsOf(datasets, arrival) };
  const leap = force ? null : findClockLeap(clocks);
  if (leap !== null) throw clockLeapError(leap, clocks, onServer);
  return datasets.map(({ name: dataset, snapshots }) => {
    const maximumAge = maximumAgeOf(dataset, maximumAges);
    const doubled = findDoubled(snapshots);
    const pins = doubled === null ? findPins(snapshots, elsewhere(dataset)) : allDoubled(snapshots);
    return { dataset, doubled, ...thin(snapshots, { schedule, maximumAge, pins, match, now, arrival }) };
  });
}

function allDoubled(snapshots: readonly ThinnableSnapshot[]): ReadonlyMap<Guid, readonly Pin[]> {
  return new Map(snapshots.map(({ guid }) => [guid, ['doubled'] as const]));
}

/** Of those that can have been made when they say: others tell nothing of a clock. */
function creationsOf(
  datasets: readonly ThinnableDataset[],
  arrival: (createtxg: bigint) => number,
): readonly number[] {
  return datasets.flatMap(({ snapshots }) =>
    snapshots.flatMap(({ creation, createtxg }) => (creation <= arrival(createtxg) ? [creation] : [])),
  );
}
