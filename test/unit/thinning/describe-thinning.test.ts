import { expect, test } from 'vitest';
import { describeFuture, describeThinning, reasonInWords } from '../../../src/thinning/describe-thinning.ts';
import { duration } from '../../../src/thinning/duration.ts';
import { parseSchedule } from '../../../src/thinning/schedule.ts';
import { thin, type DestroyReason, type KeepReason } from '../../../src/thinning/thin.ts';
import type { DatasetName, Guid } from '../../../src/zfs/names.ts';
import { optionsAt, snapshotsAt } from './snapshots.ts';

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
  return { dataset: 'data/profiles/alice' as DatasetName, ...thin(snapshots, options) };
}

test('the table of a dataset has every snapshot with its reasons', () => {
  expect(describeThinning(thinned(), null).join('\n')).toMatchInlineSnapshot(`
    "data/profiles/alice: 1 of 5 snapshots go, which frees 3000000 bytes or more
      keep  2026-11-19 06:00              0  @roamhome-1: oldest of 1 day
      keep  2026-11-20 06:00        1000000  @roamhome-2: oldest of 1 day
      keep  2026-11-20 07:00        2000000  @roamhome-3: not seen on the server, held
      go    2026-11-20 08:00        3000000  @roamhome-4: of 1 day @roamhome-2 is older
      keep  2026-11-20 14:00        4000000  @roamhome-5: the newest, from the future"
  `);
});

test('what goes free together is told as zfs reckons it', () => {
  expect(describeThinning(thinned(), 12_000_000n)[0]).toBe(
    'data/profiles/alice: 1 of 5 snapshots go, which frees 12000000 bytes',
  );
});

test('a snapshot from the future is warned about', () => {
  expect(describeFuture(thinned())).toEqual([
    'data/profiles/alice@roamhome-5 is from the future (2026-11-20 14:00 UTC), and is kept',
  ]);
});

test.each<[KeepReason | DestroyReason, string]>([
  [{ kind: 'pinned', by: 'common' }, 'the newest that the server has'],
  [{ kind: 'pinned', by: 'origin' }, 'a clone hangs on it'],
  [{ kind: 'pinned', by: 'foreign' }, 'not ours'],
  [{ kind: 'among-newest', count: 10 }, 'among the newest 10'],
  [{ kind: 'oldest-of-block', rule }, 'oldest of 5 minutes'],
  [{ kind: 'past-maximum-age', age: duration(1, 'month') }, 'older than 1 month, the maximum age'],
  [{ kind: 'not-among-newest', count: 1 }, 'not among the newest 1'],
  [{ kind: 'outlived', rule }, 'older than 24 hours'],
])('%j', (reason, want) => {
  expect(reasonInWords(reason)).toBe(want);
});
