import { expect, test } from 'vitest';
import { localTime } from '../../../src/format/time.ts';
import { describeFuture, describeThinning, reasonInWords } from '../../../src/thinning/describe-thinning.ts';
import { duration } from '../../../src/thinning/duration.ts';
import { parseSchedule } from '../../../src/thinning/schedule.ts';
import { thin, type DestroyReason, type KeepReason } from '../../../src/thinning/thin.ts';
import type { DatasetName, Guid } from '../../../src/zfs/names.ts';
import { optionsAt, snapshotsAt } from '../../support/thinning/snapshots.ts';

const now = Date.UTC(2026, 10, 20, 12) / 1000;
const rule = parseSchedule('5min24h').rules[0]!;
const hour = 3600;

function thinned() {
  const creations = [-30, -6, -5, -4, 2].map((hours) => now + hours * hour);
  const snapshots = snapshotsAt(creations).map((snapshot, i) => ({
    ...snapshot,
    kind: 'snapshot' as const,
    written: 0n,
    used: BigInt(i * 1_000_000),
    isHeld: false,
    hasClones: false,
  }));
  const pins = new Map([['3' as Guid, ['unsynced', 'held'] as const]]);
  const options = optionsAt(now, { schedule: parseSchedule('1d1d'), pins });
  return { dataset: 'data/profiles/alice' as DatasetName, doubled: null, ...thin(snapshots, options) };
}

/** By the clock on the wall, hours from `now`. */
const at = (hours: number): string => localTime((now + hours * hour) * 1000);

test('the table of a dataset has every snapshot with its size and its reasons', () => {
  expect(describeThinning(thinned(), null)).toEqual([
    'data/profiles/alice: 1 of 5 snapshots to remove, which frees 2.9 MiB or more',
    `  keep    ${at(-30)}         0 B  @roamhome-1: the oldest within 1 day`,
    `  keep    ${at(-6)}   976.6 KiB  @roamhome-2: the oldest within 1 day`,
    `  keep    ${at(-5)}     1.9 MiB  @roamhome-3: not known to be on the server; held`,
    `  remove  ${at(-4)}     2.9 MiB  @roamhome-4: @roamhome-2 is older, within the same 1 day`,
    `  keep    ${at(2)}     3.8 MiB  @roamhome-5: the newest; its time is in the future`,
  ]);
});

test('an older snapshot that stands for one within several times is named once', () => {
  const { kept, destroyed, dataset } = thinned();
  const [{ snapshot: oldest }, { snapshot }] = [kept[1]!, destroyed[0]!];
  const reasons = ['5min24h', '1d1d'].map((words) => ({
    ...{ kind: 'older-in-block' as const, rule: parseSchedule(words).rules[0]!, oldest },
  }));
  expect(
    describeThinning({ dataset, doubled: null, kept: [], destroyed: [{ snapshot, reasons }] }, null)[1],
  ).toMatch(/: @roamhome-2 is older, within the same 5 minutes, 1 day$/);
});

test('what goes free together is told as zfs reckons it', () => {
  expect(describeThinning(thinned(), 12_000_000n)[0]).toBe(
    'data/profiles/alice: 1 of 5 snapshots to remove, which frees 11.4 MiB',
  );
});

test('a snapshot from the future is warned about', () => {
  expect(describeFuture(thinned())).toEqual([
    `data/profiles/alice@roamhome-5 is from the future (${at(2)}), and is kept`,
  ]);
});

test.each<[KeepReason | DestroyReason, string]>([
  [{ kind: 'pinned', by: 'common' }, 'the next transfer starts from it'],
  [{ kind: 'pinned', by: 'origin' }, 'a clone depends on it'],
  [{ kind: 'pinned', by: 'foreign' }, 'not made by Roamhome'],
  [{ kind: 'among-newest', count: 10 }, 'one of the newest 10'],
  [{ kind: 'oldest-of-block', rule }, 'the oldest within 5 minutes'],
  [{ kind: 'past-maximum-age', age: duration(1, 'month') }, 'older than 1 month, the maximum age'],
  [{ kind: 'not-among-newest', count: 1 }, 'not one of the newest 1'],
  [{ kind: 'outlived', rule }, 'older than 24 hours'],
])('%j', (reason, want) => {
  expect(reasonInWords(reason)).toBe(want);
});
