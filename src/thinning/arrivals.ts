import { join } from 'node:path';
import { jsonIn, stateFile, type StateFile } from '../host/state-file.ts';
import type { ThinnableDataset } from '../zfs/commands/list-thinnable.ts';

/**
 * What this machine saw itself of when snapshots came: at `at` (seconds since the epoch) there were all up to the transaction group
 * `createtxg`. ZFS counts these by itself, whatever a stream says of a snapshot's time.
 */
export interface Arrival {
  readonly createtxg: string;
  readonly at: number;
}

export type Arrivals = readonly Arrival[];

/** More than a year of hourly runs. Of more, every second of the older half goes: that only makes a bound later. */
const most = 10_000;

/** `<stateDir>/arrivals.json`. What cannot be understood counts as nothing: every snapshot is new then. */
export function arrivalsFile(stateDir: string): StateFile<Arrivals> {
  return stateFile(join(stateDir, 'arrivals.json'), parseArrivals);
}

/** Pure. */
export function parseArrivals(text: string): Arrivals {
  const parsed = jsonIn(text);
  if (!Array.isArray(parsed)) return [];
  return parsed.flatMap((one: unknown) => {
    const { createtxg, at } = (one ?? {}) as { readonly createtxg?: unknown; readonly at?: unknown };
    const isWhole = typeof createtxg === 'string' && /^\d{1,20}$/.test(createtxg) && typeof at === 'number';
    return isWhole ? [{ createtxg, at }] : [];
  });
}

/**
 * When a snapshot was there at the latest, by its createtxg: at the first run that saw it, or now. What says that it was made
 * later than that was not made then. Pure.
 */
export function latestArrival(arrivals: Arrivals, now: number): (createtxg: bigint) => number {
  const sorted = arrivals
    .map(({ createtxg, at }) => ({ createtxg: BigInt(createtxg), at }))
    .sort((a, b) => (a.createtxg < b.createtxg ? -1 : a.createtxg > b.createtxg ? 1 : 0));
  // A clock that was wrong once is outdone by one that was right later.
  let earliest = now;
  const bounds = sorted.toReversed().map(({ createtxg, at }) => {
    earliest = Math.min(earliest, at);
    return { createtxg, at: earliest };
  });
  bounds.reverse();
  return (createtxg) => {
    let [low, high] = [0, bounds.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const isBefore = (bounds[middle]?.createtxg ?? 0n) < createtxg;
      [low, high] = isBefore ? [middle + 1, high] : [low, middle];
    }
    return bounds[low]?.at ?? now;
  };
}

/** With what a run saw now. Pure. */
export function withArrivals(
  arrivals: Arrivals,
  datasets: readonly Pick<ThinnableDataset, 'snapshots'>[],
  now: number,
): Arrivals {
  let newest = 0n;
  for (const { snapshots } of datasets)
    for (const { createtxg } of snapshots) if (createtxg > newest) newest = createtxg;
  if (newest === 0n) return arrivals;
  // It was there before.
  if (arrivals.some(({ createtxg, at }) => BigInt(createtxg) >= newest && at <= now)) return arrivals;
  const all = [...arrivals, { createtxg: String(newest), at: now }];
  if (all.length <= most) return all;
  return all.filter((_, i) => i >= most / 2 || i % 2 === 1);
}
