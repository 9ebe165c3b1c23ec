import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isRoamhomeError } from '../../src/errors/errors.ts';
import { latestArrival, parseArrivals, withArrivals, type Arrivals } from '../../src/thinning/arrivals.ts';
import { planThinning } from '../../src/thinning/plan-thinning.ts';
import { thin, type Thinnable } from '../../src/thinning/thin.ts';
import type { DatasetName, Guid, SnapshotName } from '../../src/zfs/names.ts';
import { parseSeconds } from '../../src/zfs/parse.ts';
import { isoTime, localTime } from '../../src/format/time.ts';
import { defaultSchedule, optionsAt } from '../support/thinning/snapshots.ts';

const hour = 3600;
const day = 24 * hour;
/** 2026-11-20 00:00 UTC. */
const beginning = 1_795_132_800;

interface Made {
  /** When it comes to the server, and what it says of itself, in seconds since the epoch. */
  readonly at: number;
  readonly creation: number;
  readonly isForged: boolean;
}

/** Thins a dataset every so many hours as these come, and gives what is left with which of it is forged. */
function thinAlong(all: readonly Made[], hours: number, every: number): readonly (Thinnable & Made)[] {
  const queue = all.toSorted((a, b) => a.at - b.at);
  let there: (Thinnable & Made)[] = [];
  let arrivals: Arrivals = [];
  let txg = 0n;
  for (let run = 1; run <= hours; run += every) {
    const now = beginning + run * hour;
    for (; queue[0] !== undefined && queue[0].at <= now; queue.shift()) {
      txg += 1n;
      there.push({
        ...queue[0],
        name: `data/profiles/alice@roamhome-${txg}` as SnapshotName,
        guid: String(txg) as Guid,
        createtxg: txg,
      });
    }
    const options = { ...optionsAt(now), arrival: latestArrival(arrivals, now) };
    arrivals = withArrivals(arrivals, [{ snapshots: there as never }], now);
    there = thin(there, options).kept.map(({ snapshot }) => snapshot);
  }
  return there;
}

test('2,160 empty snapshots with the time of each coming hour leave of 60 days of work what thinning leaves without them', () => {
  const work = Array.from({ length: 960 }, (_, i): Made => {
    const at = beginning + Math.floor(i / 16) * day + (6 + (i % 16)) * hour + 600;
    return { at, creation: at, isForged: false };
  });
  const forged = Array.from({ length: 2160 }, (_, i): Made => ({
    at: beginning + 1,
    creation: beginning + (i + 2) * hour,
    isForged: true,
  }));
  const real = (left: readonly Made[]): readonly number[] =>
    left.filter(({ isForged }) => !isForged).map(({ creation }) => creation);
  const without = real(thinAlong(work, 60 * 24, 12));
  expect(without.length).toBeGreaterThan(100);
  expect(real(thinAlong([...forged, ...work], 60 * 24, 12))).toEqual(without);
});

test('whatever times others make up, each block in its life in which one was made keeps one that was', () => {
  const minutes = (max: number) => fc.integer({ min: 0, max: max * 60 });
  const made = fc.array(minutes(10 * 24), { maxLength: 40 }).map((list) =>
    list.map((minute): Made => {
      const at = beginning + minute * 60;
      return { at, creation: at, isForged: false };
    }),
  );
  // Any time later than that of its coming; the same twice, and in any order.
  const forged = fc.array(
    fc.tuple(minutes(10 * 24), fc.oneof(minutes(12 * 24), fc.constant(1e9))).map(([minute, later]): Made => {
      const at = beginning + minute * 60;
      return { at, creation: at + hour + later * 60, isForged: true };
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(made, forged, (real, others) => {
      const hours = 10 * 24;
      const now = beginning + (hours + 1) * hour;
      const left = thinAlong([...real, ...others], hours + 1, 1);
      for (const { interval, life } of defaultSchedule.rules) {
        const block = ({ creation }: { readonly creation: number }): number =>
          Math.floor(creation / interval.seconds);
        const kept = new Set(left.filter(({ isForged }) => !isForged).map(block));
        for (const one of real) {
          const lives = (block(one) + 1) * interval.seconds > now - life.seconds;
          if (lives) expect(kept).toContain(block(one));
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('snapshots with times to come do not vouch for a clock that leaps there', () => {
  const snapshots = Array.from({ length: 40 }, (_, i) => ({
    name: `data/profiles/alice@roamhome-${i}` as SnapshotName,
    guid: String(i + 1) as Guid,
    createtxg: BigInt(i + 1),
    creation: beginning + (i < 2 ? 0 : i * 25 * day),
    ...{ kind: 'snapshot' as const, written: 1n, used: 1n, isHeld: false, hasClones: false },
  }));
  const homes = [{ name: 'data/profiles/alice' as DatasetName, snapshots, bookmarks: [] }];
  const arrivals = withArrivals([], homes, beginning + hour);
  const at = (now: number) => () =>
    planThinning(homes, {
      ...{
        schedule: defaultSchedule,
        maximumAges: [],
        match: /^roamhome-/,
        elsewhere: () => 'server' as const,
      },
      ...{ now, arrivals, lastRun: beginning + hour, force: false, onServer: true },
    });
  expect(at(beginning + 2 * hour)).not.toThrow();
  let leapt: unknown = null;
  try {
    at(beginning + 900 * day)();
  } catch (error) {
    leapt = error;
  }
  expect(isRoamhomeError(leapt, 'clock-leapt')).toBe(true);
});

test('what is lost of the record only makes a snapshot new', () => {
  for (const text of ['', 'null', '{}', '[1,null,{"createtxg":"x","at":1},{"createtxg":"1"}]'])
    expect(parseArrivals(text)).toEqual([]);
  expect(latestArrival([], 7)(3n)).toBe(7);
  const seen = [
    // A clock that was wrong, and set right.
    { createtxg: '5', at: 99_000 },
    { createtxg: '9', at: 100 },
  ];
  expect([1n, 5n, 9n, 10n].map(latestArrival(seen, 500))).toEqual([100, 100, 100, 500]);
});

test('no time that a stream can give is no date', () => {
  for (const text of ['18446744073709551615', '9223372036854775808', '0', '253402300799']) {
    const seconds = parseSeconds(text, text);
    expect(new Date(seconds * 1000).toISOString()).toMatch(/^\d{4}-/);
    for (const ms of [seconds * 1000, Number(text) * 1000]) {
      expect(localTime(ms)).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d$|^10000-/);
      expect(isoTime(ms)).toMatch(/^\d{4}-/);
    }
  }
});
