import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isRoamhomeError } from '../../src/errors/errors.ts';
import { planThinning } from '../../src/thinning/plan-thinning.ts';
import { parseSchedule } from '../../src/thinning/schedule.ts';
import type { ThinnableDataset } from '../../src/zfs/commands/list-thinnable.ts';
import type { DatasetName, SnapshotName } from '../../src/zfs/names.ts';
import { snapshotsAt } from '../support/thinning/snapshots.ts';

const numRuns = Number(process.env['ROAMHOME_THINNINGS'] ?? 300);
const day = 86_400;
/** 2026-11-20 06:45 UTC. */
const beginning = 1_795_157_100;

/** A home with these snapshots; `tool` names what made them. */
function home(user: string, creations: readonly number[], tool = 'roamhome-'): ThinnableDataset {
  return {
    name: `data/profiles/${user}` as DatasetName,
    bookmarks: [],
    snapshots: snapshotsAt(creations, tool).map((snapshot) => ({
      ...snapshot,
      name: snapshot.name.replace('/alice@', `/${user}@`) as SnapshotName,
      kind: 'snapshot',
      written: 1n,
      used: 1n,
      isHeld: false,
      hasClones: false,
    })),
  };
}

/** How many snapshots a run destroys; null: it refuses, for the clock. */
function thinAt(
  homes: readonly ThinnableDataset[],
  now: number,
  lastRun: number | null,
  force = false,
): number | null {
  try {
    const plans = planThinning(homes, {
      schedule: parseSchedule('24h=>5min,7d=>1h,90d=>1d,1y=>1w,10y=>1month'),
      maximumAges: [],
      match: /^roamhome-/,
      elsewhere: () => 'server',
      now,
      lastRun,
      force,
      onServer: true,
    });
    return plans.reduce((sum, { destroyed }) => sum + destroyed.length, 0);
  } catch (error) {
    if (!isRoamhomeError(error, 'clock-leapt')) throw error;
    return null;
  }
}

/** Ages in days, up to a month or up to two years. */
const ages = fc.array(
  fc.oneof(fc.double({ min: 0, max: 30, noNaN: true }), fc.double({ min: 0, max: 700, noNaN: true })),
  { minLength: 1, maxLength: 60, size: 'max' },
);
/** More than the longest absence, up to 50 years. */
const leaps = fc.oneof(
  fc.double({ min: 31, max: 100, noNaN: true }),
  fc.double({ min: 31, max: 18_000, noNaN: true }),
);
const tools = fc.constantFrom('roamhome-', 'autosnap_', 'zfs-auto-snap_frequent-');
const before = (days: number): number => Math.floor(beginning - days * day);

test('a leap of any size destroys nothing, whatever is snapshotted after it, in this home or another', () => {
  fc.assert(
    fc.property(
      ages,
      leaps,
      fc.double({ min: 0, max: 20, noNaN: true }),
      // Made after the leap, up to two months, by the clock that leapt or by one that is further ahead.
      fc.array(fc.tuple(fc.constantFrom('alice', 'bob'), fc.double({ min: 0, max: 90, noNaN: true })), {
        maxLength: 40,
        size: 'max',
      }),
      fc.array(fc.double({ min: 0, max: 60, noNaN: true }), { minLength: 1, maxLength: 5 }),
      tools,
      (made, leap, sinceRun, later, runs, tool) => {
        const leapt = Math.ceil(beginning + leap * day);
        const after = (user: string): readonly number[] =>
          later.filter(([who]) => who === user).map(([, days]) => leapt + Math.floor(days * day));
        const own = made.map(before).sort((a, b) => a - b);
        const last = before(sinceRun);
        for (const days of runs) {
          const now = leapt + Math.floor(days * day);
          const there = (user: string): readonly number[] =>
            after(user).filter((creation) => creation <= now || creation > leapt + 60 * day);
          const homes = [
            home('alice', [...own, ...there('alice')]),
            home('bob', [before(1), ...there('bob')], tool),
          ];
          expect(thinAt(homes, now, last)).toBeNull();
          // What cures it: the clock is right again, and nothing of the leap stops the next run.
          expect(thinAt(homes, beginning + day, last)).not.toBeNull();
          // Or a person says that it is right: then that run is the last one.
          expect(thinAt(homes, now, last, true)).not.toBeNull();
          expect(thinAt(homes, now + day, now)).not.toBeNull();
        }
      },
    ),
    { numRuns },
  );
});

test('a machine that does not know its last run is not emptied by a leap that was just now', () => {
  fc.assert(
    fc.property(ages, leaps, fc.integer({ min: 0, max: 20 }), (made, leap, later) => {
      const leapt = Math.ceil(beginning + leap * day);
      const creations = [...made.map(before).sort((a, b) => a - b), before(0)];
      const fresh = Array.from({ length: later }, (_, i) => leapt + i * 60);
      expect(
        thinAt([home('alice', creations), home('bob', fresh, 'autosnap_')], leapt + 3600, null),
      ).toBeNull();
    }),
    { numRuns },
  );
});

test('without a leap every run thins, whatever else is there', () => {
  fc.assert(
    fc.property(
      ages,
      fc.array(fc.double({ min: 0.01, max: 30, noNaN: true }), { minLength: 1, maxLength: 30 }),
      fc.array(fc.double({ min: 1, max: 40_000, noNaN: true }), { maxLength: 3 }),
      (made, steps, futures) => {
        const end = beginning + 900 * day;
        const homes = [
          home('alice', made.map(before)),
          home(
            'bob',
            futures.map((days) => end + Math.floor(days * day)),
          ),
        ];
        let lastRun = beginning;
        for (const days of steps) {
          const now = Math.floor(lastRun + days * day);
          expect(thinAt(homes, now, lastRun)).not.toBeNull();
          lastRun = now;
        }
      },
    ),
    { numRuns },
  );
});

test('a job that did not run for months goes on by itself where sessions went on meanwhile', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.01, max: 29, noNaN: true }), { minLength: 1, maxLength: 40 }),
      (steps) => {
        let at = beginning;
        const creations = steps.map((days) => (at += Math.floor(days * day)));
        expect(thinAt([home('alice', creations)], at + 3600, beginning)).not.toBeNull();
      },
    ),
    { numRuns },
  );
});
