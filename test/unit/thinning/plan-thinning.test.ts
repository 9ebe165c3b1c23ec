import { expect, test } from 'vitest';
import { parseMaximumAges } from '../../../src/thinning/maximum-ages.ts';
import type { Elsewhere } from '../../../src/thinning/pins.ts';
import { planThinning, type ThinningOptions } from '../../../src/thinning/plan-thinning.ts';
import { parseSchedule } from '../../../src/thinning/schedule.ts';
import type { KeepReason } from '../../../src/thinning/thin.ts';
import type { ThinnableDataset } from '../../../src/zfs/commands/list-thinnable.ts';
import type { DatasetName, Guid } from '../../../src/zfs/names.ts';
import { snapshotsAt } from '../../support/thinning/snapshots.ts';

const day = 86_400;
const today = 100_000 * day;
const alice = 'data/profiles/alice';

/** A dataset with a snapshot an hour, oldest first, guids from 1; `held` and `origin` by guid. */
function dataset(
  count: number,
  marks: { held?: string; origin?: string } = {},
  name = alice,
): ThinnableDataset {
  const creations = Array.from({ length: count }, (_, i) => today - (count - i) * 3600);
  return {
    name: name as DatasetName,
    bookmarks: [],
    snapshots: snapshotsAt(creations).map((snapshot) => ({
      ...snapshot,
      kind: 'snapshot',
      written: 1n,
      used: 1n,
      isHeld: snapshot.guid === marks.held,
      hasClones: snapshot.guid === marks.origin,
    })),
  };
}

const guids = (...list: number[]): Elsewhere => new Set(list.map((guid) => String(guid) as Guid));

/** Only the oldest of each day stays, but for pins: of 12 snapshots of one day the first. */
const options = (elsewhere: Elsewhere, rest: Partial<ThinningOptions> = {}): ThinningOptions => ({
  schedule: parseSchedule('1d1w'),
  maximumAges: [],
  match: /^roamhome-/,
  elsewhere: () => elsewhere,
  now: today,
  lastRun: null,
  force: false,
  onServer: true,
  ...rest,
});

test.each<[string, ThinnableDataset, Elsewhere, string]>([
  ['on the server all but the oldest and the newest go', dataset(6), 'server', '1 6'],
  ['what is held or an origin stays', dataset(6, { held: '3', origin: '4' }), 'server', '1 3 4 6'],
  ['a server that was not asked: all stays', dataset(6), 'none', '1 2 3 4 5 6'],
  ['a server that has none of it: all stays', dataset(6), guids(), '1 2 3 4 5 6'],
  ['what the server has may go, but for the newest common one', dataset(6), guids(1, 2, 3, 4), '1 4 5 6'],
  ['what the server lacks stays, also below a common one', dataset(6), guids(1, 3, 4), '1 2 4 5 6'],
  ['all is synced', dataset(6), guids(1, 2, 3, 4, 5, 6), '1 6'],
])('%s', (_what, given, elsewhere, want) => {
  const [plan] = planThinning([given], options(elsewhere));
  expect(plan?.dataset).toBe(alice);
  expect(plan?.kept.map(({ snapshot }) => snapshot.guid).join(' ')).toBe(want);
});

test('each pin is a reason', () => {
  const [plan] = planThinning([dataset(6, { held: '4', origin: '4' })], options(guids(2, 3, 4)));
  const reasons = new Map<string, readonly KeepReason[]>(
    plan?.kept.map((one) => [one.snapshot.guid, one.reasons]),
  );
  expect(reasons.get('4')).toEqual([
    { kind: 'pinned', by: 'common' },
    { kind: 'pinned', by: 'held' },
    { kind: 'pinned', by: 'origin' },
  ]);
  expect(reasons.get('5')).toEqual([{ kind: 'pinned', by: 'unsynced' }]);
});

test('each dataset has its own maximum age, and is asked for by its name', () => {
  const maximumAges = parseMaximumAges({ '.+/Caches$': '1d' });
  const datasets = [dataset(60), dataset(60, {}, `${alice}/Caches`), dataset(2, {}, `${alice}/mail`)];
  const plan = planThinning(
    datasets,
    options('server', { maximumAges, elsewhere: (name) => (name.endsWith('/mail') ? 'none' : 'server') }),
  );
  expect(plan.map(({ kept }) => kept.length)).toEqual([4, 2, 2]);
});

test('a clock that leapt destroys nothing, unless forced, whatever was snapshotted after the leap', () => {
  const leapt = { now: today + 400 * day };
  expect(() => planThinning([dataset(6)], options('server', leapt))).toThrow(/passed over 400 days/);
  expect(planThinning([dataset(6)], options('server', { ...leapt, force: true }))[0]?.kept).toHaveLength(1);
  expect(
    planThinning([dataset(6)], options('server', { ...leapt, lastRun: today + 399 * day })),
  ).toHaveLength(1);
  // Another home has a snapshot of a minute ago, by the clock that leapt.
  const fresh = dataset(1, {}, 'data/profiles/bob');
  const moved = fresh.snapshots.map((one) => ({ ...one, creation: leapt.now - 60 }));
  for (const lastRun of [today, null])
    expect(() =>
      planThinning([dataset(6), { ...fresh, snapshots: moved }], options('server', { ...leapt, lastRun })),
    ).toThrow(/passed over (399|400) days/);
  expect(planThinning([], options('server'))).toEqual([]);
});

test('one snapshot of a far future neither disarms the guard of a leap nor stops thinning', () => {
  const [far] = dataset(1, {}, 'data/profiles/bob').snapshots;
  if (far === undefined) throw new Error('no snapshot');
  const bob = (creation: number): ThinnableDataset => ({
    ...dataset(1, {}, 'data/profiles/bob'),
    snapshots: [{ ...far, creation }],
  });
  const homes = [dataset(6), bob(today + 5000 * day)];
  expect(planThinning(homes, options('server', { lastRun: today - day }))[0]?.kept).toHaveLength(2);
  for (const now of [today + 400 * day, today + 6000 * day])
    expect(() => planThinning(homes, options('server', { now, lastRun: today - day }))).toThrow(
      /passed over/,
    );
});
