import { describe, expect, test } from 'vitest';
import { localTime } from '../../../src/format/time.ts';
import { clockLeapError, findClockLeap } from '../../../src/thinning/clock-leap.ts';
import { duration } from '../../../src/thinning/duration.ts';
import { parseSchedule } from '../../../src/thinning/schedule.ts';
import { thin, type Pin, type ThinOptions } from '../../../src/thinning/thin.ts';
import type { Guid } from '../../../src/zfs/names.ts';
import { guidsOf, leftOf, optionsAt, snapshotsAt } from '../../support/thinning/snapshots.ts';

const day = 86_400;
/** 100,000 whole days after the epoch, 10 into a block of a month. */
const today = 100_000 * day;

/** What stays, as guids in words; creations in days before today. */
function left(daysAgo: readonly number[], options: Partial<ThinOptions>): string {
  const snapshots = snapshotsAt(daysAgo.map((days) => today - days * day));
  return guidsOf(leftOf(snapshots, optionsAt(today, options))).join(' ');
}

const schedule = (text: string) => ({ schedule: parseSchedule(text) });

describe('blocks', () => {
  test.each<[string, number[], Partial<ThinOptions>, string]>([
    ['the oldest of each day stays', [2, 1.7, 1.4, 0.9, 0.5], schedule('1d1w'), '1 4 5'],
    ['a block stays until its last second is too old', [9, 8, 7.5, 6.5, 1], schedule('2d7d'), '2 5'],
    ['its last second is just young enough', [8, 6.5, 1], schedule('2d518401s'), '1 3'],
    ['its last second is just too old', [8, 6.5, 1], schedule('2d6d'), '3'],
    ['what another rule keeps stays', [40, 39, 10, 9, 1], schedule('1d2w,30d90d'), '1 3 4 5'],
    ['the newest three, whatever their age', [900, 800, 700, 600], schedule('3'), '2 3 4'],
    ['the newest, even where all is outlived', [900, 800], schedule('1d1w'), '2'],
    ['nothing is no mistake', [], schedule('1d1w'), ''],
    [
      'a maximum age ends a block with its first second',
      [3, 2.9, 2, 1.9, 1],
      { ...schedule('1d1y'), maximumAge: duration(2, 'd') },
      '3 5',
    ],
    [
      'a maximum age holds for the newest too, but not for the very newest',
      [30, 20, 10],
      { ...schedule('3'), maximumAge: duration(1, 'w') },
      '3',
    ],
  ])('%s', (_what, daysAgo, options, want) => {
    expect(left(daysAgo, options)).toBe(want);
  });

  test('one that was made later takes no place, also when the clock had been set back', () => {
    expect(left([1.5, 1.9, 0.5], schedule('1d1w'))).toBe('1 3');
  });

  test('the name does not count, but for whose it is', () => {
    const snapshots = snapshotsAt([today - 1.5 * day, today - 1.4 * day, today], 'auto-');
    expect(leftOf(snapshots, optionsAt(today, schedule('1d1w')))).toEqual(snapshots);
    const match = /^auto-/;
    expect(guidsOf(leftOf(snapshots, optionsAt(today, { ...schedule('1d1w'), match })))).toEqual(['1', '3']);
  });

  // The first of the two-day block is given up at a time when the second is still kept by the other rule.
  test.each<[string, Partial<ThinOptions>]>([
    ['a life', schedule('1h55h,2d60h')],
    ['a maximum age', { ...schedule('1h55h,2d1y'), maximumAge: duration(60, 'h') }],
  ])('the second of a block does not take the place of the first when %s ends', (_what, options) => {
    const snapshots = snapshotsAt([0, 10, 63].map((hours) => today + hours * 3600));
    const at = (hours: number) => optionsAt(today + hours * 3600, options);
    const between = leftOf(snapshots, at(64));
    expect(leftOf(between, at(69))).toEqual(leftOf(snapshots, at(69)));
  });

  test("others' snapshots take no place in a block", () => {
    const [theirs] = snapshotsAt([today - 1.9 * day], 'auto-');
    const snapshots = [theirs!, ...snapshotsAt([0, today - 1.5 * day, today]).slice(1)];
    expect(guidsOf(leftOf(snapshots, optionsAt(today, schedule('1d1w'))))).toEqual(['1', '2', '3']);
  });
});

describe('pins and reasons', () => {
  const creations = [today - 1.9 * day, today - 1.5 * day, today - 0.5 * day, today - 0.4 * day];

  test.each<Pin>(['unsynced', 'common', 'held', 'origin'])('%s stays, with its reason', (pin) => {
    const pins = new Map([['2' as Guid, [pin]]]);
    const { kept, destroyed } = thin(snapshotsAt(creations), optionsAt(today, { ...schedule('1d1w'), pins }));
    expect(kept.map(({ snapshot }) => snapshot.guid)).toEqual(['1', '2', '3', '4']);
    expect(kept[1]?.reasons).toEqual([{ kind: 'pinned', by: pin }]);
    expect(destroyed).toEqual([]);
  });

  test('each reason is told', () => {
    const snapshots = snapshotsAt([today - 30 * day, ...creations, today + day]);
    const { kept, destroyed } = thin(snapshots, optionsAt(today, schedule('2,1d1w')));
    const rule = parseSchedule('1d1w').rules[0];
    expect(kept.map(({ snapshot, reasons }) => [snapshot.guid, ...reasons])).toEqual([
      ['2', { kind: 'oldest-of-block', rule }],
      ['4', { kind: 'oldest-of-block', rule }],
      ['5', { kind: 'among-newest', count: 2 }],
      [
        '6',
        { kind: 'pinned', by: 'newest' },
        { kind: 'future' },
        { kind: 'among-newest', count: 2 },
        { kind: 'oldest-of-block', rule },
      ],
    ]);
    expect(destroyed.map(({ snapshot, reasons }) => [snapshot.guid, ...reasons])).toEqual([
      ['1', { kind: 'outlived', rule }],
      ['3', { kind: 'older-in-block', rule, oldest: snapshots[1] }],
    ]);
  });

  test.each<[string, number[], Partial<ThinOptions>, object[]]>([
    [
      'past the maximum age',
      [5, 0],
      { ...schedule('1d1w'), maximumAge: duration(2, 'd') },
      [{ kind: 'past-maximum-age', age: duration(2, 'd') }],
    ],
    [
      'past the maximum age, among the newest',
      [5, 0],
      { ...schedule('2'), maximumAge: duration(2, 'd') },
      [{ kind: 'past-maximum-age', age: duration(2, 'd') }],
    ],
    ['not among the newest', [5, 4, 0], schedule('2'), [{ kind: 'not-among-newest', count: 2 }]],
  ])('%s', (_what, daysAgo, options, want) => {
    const snapshots = snapshotsAt(daysAgo.map((days) => today - days * day));
    expect(thin(snapshots, optionsAt(today, options)).destroyed[0]?.reasons).toEqual(want);
  });

  test('the newest of all stays, and the newest of ours', () => {
    const ours = snapshotsAt([today - 900 * day, today - 800 * day]);
    const [, , theirs] = snapshotsAt([0, 0, today - 700 * day], 'auto-');
    const { kept } = thin([...ours, theirs!], optionsAt(today, schedule('1d1w')));
    expect(kept.map(({ snapshot }) => snapshot.guid)).toEqual(['2', '3']);
  });
});

describe('a clock that leapt', () => {
  test.each<[string, readonly number[], number | null, boolean]>([
    ['both are far behind', [40], 31, true],
    ['the last run was yesterday', [400], 1, false],
    ['a snapshot of today does not vouch for a clock that leapt since the last run', [500, 0], 400, true],
    ['nor do many', [500, 3, 2, 1, 0], 400, true],
    ['sessions went on all the time, only thinning did not', [70, 50, 25, 0], 75, false],
    ['no run is known', [31], null, true],
    ['no run is known, and the only young snapshot may be of the leap', [401, 400, 0], null, true],
    ['no run is known, and an old history is thin', [400, 340, 300, 45, 20, 1], null, false],
    ['nothing is known', [], null, false],
    ['the first snapshots were made today', [0, 0], null, false],
    ['a snapshot from the future says nothing', [-400], 31, true],
    ['nor does it object', [1, -400], 1, false],
    ['the last run was by a clock that was set back since', [2, 1], -4000, false],
    ['the last run was by a clock that was set back since, and leapt again', [90, 0], -4000, true],
    ['a month away', [30], 30, false],
  ])('%s', (_what, snapshotsDaysAgo, runDaysAgo, leapt) => {
    const ago = (days: number) => today - days * day;
    const lastRun = runDaysAgo === null ? null : ago(runDaysAgo);
    const clocks = { now: today, creations: snapshotsDaysAgo.map(ago), lastRun };
    expect(findClockLeap(clocks) !== null).toBe(leapt);
  });

  test.each([
    [false, '`roamhome thin --force`'],
    [true, '`roamhome thin --server --force`'],
  ])('says why, and what to do (on the server: %s)', (onServer, command) => {
    const [from, to] = [Date.UTC(2026, 0, 1) / 1000, Date.UTC(2036, 0, 1) / 1000];
    const error = clockLeapError({ from, to }, { now: to + 60, creations: [], lastRun: null }, onServer);
    expect(error).toMatchObject({
      code: 'clock-leapt',
      message: `nothing is thinned: this machine's clock says ${localTime((to + 60) * 1000)}, but it passed over 3652 days after ${localTime(from * 1000)}, without a snapshot or a thinning`,
      remedy: expect.stringContaining(command) as string,
    });
  });
});
