import { expect, test } from 'vitest';
import { worstOf, type Level } from '../../../../src/format/level.ts';
import { unchangedMark } from '../../../../src/homes/snapshots/unchanged-mark.ts';
import type { HomeFacts, SyncState } from '../../../../src/homes/status/home-status.ts';
import { remarksOn, type Judging } from '../../../../src/homes/status/judge.ts';
import { statusOf, tree } from '../../../support/status/statuses.ts';

const both = (local: string, server: string): Partial<HomeFacts> => ({
  local: tree('local', local),
  server: tree('server', server),
});

test.each<[string, Partial<HomeFacts>, SyncState, string | null, number]>([
  ['equal', both('@a:1 @b:2', '@a:1 @b:2'), 'in-sync', 'b', 0],
  ['not sent', both('@a:1 @b:2 @c:3', '@a:1'), 'pending', 'a', 2],
  ['never sent', { local: tree('local', '@a:1 @b:2'), server: null }, 'pending', null, 2],
  ['the server has more', both('@a:1', '@a:1 @b:2'), 'behind', 'a', 0],
  ['common is a bookmark', both('#a:1 @b:2', '@a:1 @b:2 @c:3'), 'behind', 'b', 0],
  ['both have moved on', both('@a:1 @x:3', '@a:1 @b:2'), 'diverged', 'a', 1],
  ['nothing in common', both('@x:3', '@b:2'), 'diverged', null, 1],
  ['the server is away', { local: tree('local', '@a:1'), server: undefined }, 'unknown', null, 0],
  ['not on this Mac', { server: tree('server', '@a:1') }, 'only-server', null, 0],
])('%s', (_what, facts, state, lastSync, unsent) => {
  const status = statusOf(facts);
  expect([status.state, status.lastSync?.name ?? null, status.unsent]).toEqual([state, lastSync, unsent]);
});

test('a version by its name tells the Mac that made it', () => {
  const local = tree('local', '@x:7').map((one) => ({
    ...one,
    snapshots: one.snapshots.map((snapshot) => ({
      ...snapshot,
      name: 'data/profiles/alice@roamhome-20261120T064500.123Z-mac-7' as typeof snapshot.name,
    })),
  }));
  const { local: side } = statusOf({ local });
  expect(side).toMatchObject({
    head: { name: 'roamhome-20261120T064500.123Z-mac-7', at: 7000, macName: 'mac-7' },
    usedBytes: 3_113_851_289,
    snapshots: 1,
  });
});

const inUse = (words: string): HomeFacts['local'] =>
  tree('local', words).map((one) => ({ ...one, mounted: true }));

test('what was proved to hold no changes counts as written to again as soon as anything is written', () => {
  const [one] = tree('local', '@a:1 +');
  const proved = {
    ...one!,
    written: 8192n,
    properties: { ...one!.properties, 'roamhome:unchanged': unchangedMark([{ ...one!, written: 8192n }]) },
  };
  expect(statusOf({ local: [proved], server: tree('server', '@a:1') }).unprovenBytes).toBe(0);
  expect(
    statusOf({ local: [{ ...proved, written: 8193n }], server: tree('server', '@a:1') }).unprovenBytes,
  ).toBe(8193);
});

const now = Date.UTC(2026, 10, 26, 10);
const hours = (number: number): number => now - number * 3_600_000;
/** As seen from a Mac. */
const from = (macName: string | null, unsentHours = 24): Judging => ({
  own: macName === null ? null : { macName, machineId: null },
  unsentHours,
  sessionHours: 24,
  now,
});
const session = { 'roamhome:session': 'mac-b,2026-11-26T09:00:00Z' };

test.each<[string, Partial<HomeFacts>, Level, RegExp]>([
  ['in sync', both('@a:1', '@a:1'), 'ok', /^$/],
  [
    'waits for an hour',
    { ...both('@a:1 @b:2', '@a:1'), pendingSince: hours(1) },
    'ok',
    /^1 snapshot to be sent since .* \(1 h ago\)$/,
  ],
  ['for a day', { ...both('@a:1 @b:2', '@a:1'), pendingSince: hours(24) }, 'warning', /since/],
  ['for a week', { ...both('@a:1 @b:2', '@a:1'), pendingSince: hours(168) }, 'critical', /7 days ago/],
  [
    'waits, and nobody knows of what',
    { local: tree('local', '@a:1'), server: undefined, pendingSince: hours(1) },
    'ok',
    /^waits to be sent since/,
  ],
  [
    'waits at rest, and there is no note of it',
    both('@a:1 @b:2', '@a:1'),
    'critical',
    /^1 snapshot to be sent$/,
  ],
  [
    'has a snapshot more while it is in use',
    { ...both('@a:1', '@a:1'), local: inUse('@a:1 @b:1795683600') },
    'ok',
    /^1 snapshot to be sent$/,
  ],
  [
    'has had one for two days while it is in use',
    { ...both('@a:1', '@a:1'), local: inUse('@a:1 @b:1795500000') },
    'warning',
    /^1 snapshot to be sent$/,
  ],
  ['a new home, before its first logout', { local: inUse('') }, 'ok', /^waits to be sent$|^$/],
  [
    'written to at rest, and nobody knows what',
    both('@a:1 *', '@a:1'),
    'warning',
    /written since the newest snapshot.*roamhome logout alice/,
  ],
  ['written to at rest, and noted', { ...both('@a:1 *', '@a:1'), pendingSince: hours(1) }, 'ok', /since/],
  ['written to in a session', { local: inUse('@a:1 *'), server: tree('server', '@a:1') }, 'ok', /^$/],
  [
    'written to in a session that a crash ended',
    {
      local: tree('local', '@a:1 *'),
      server: tree('server', '@a:1', { 'roamhome:session': 'mac7,2026-11-26T09:00:00Z' }),
    },
    'ok',
    /^logged in here$/,
  ],
  [
    'no snapshot at logout',
    { ...both('@a:1', '@a:1'), pendingSince: hours(0), lacks: 'snapshot' },
    'critical',
    /^NO snapshot/,
  ],
  [
    'still mounted after it',
    { ...both('@a:1', '@a:1'), pendingSince: hours(0), lacks: 'unmount' },
    'warning',
    /still mounted/,
  ],
  [
    'in a logout',
    { ...both('@a:1', '@a:1'), pendingSince: hours(0.05), lacks: 'logout' },
    'ok',
    /^a logout is under way/,
  ],
  [
    'in a logout that was killed',
    { ...both('@a:1', '@a:1'), pendingSince: hours(0.5), lacks: 'logout' },
    'critical',
    /cut short/,
  ],
  ['diverged', both('@a:1 @x:3', '@a:1 @b:2'), 'critical', /^both sides have changed/],
  [
    'set aside',
    {
      local: tree('local', '@a:1', { 'roamhome:set-aside': 'alice-mac7-x' }),
      server: tree('server', '@a:1'),
    },
    'warning',
    /^set aside: alice-mac7-x/,
  ],
  [
    'logged in elsewhere, not here',
    { local: tree('local', '@a:1'), server: tree('server', '@a:1', session) },
    'ok',
    /^alice is logged in on mac-b/,
  ],
  ['an interrupted receive', both('@a:1', '@a:1 >5'), 'ok', /^an interrupted transfer/],
])('what there is to say: %s', (_what, facts, level, text) => {
  const remarks = remarksOn(statusOf(facts), from('mac7'));
  expect(worstOf(remarks.map((remark) => remark.level))).toBe(level);
  expect(remarks.map((remark) => remark.text).join('\n')).toMatch(text);
});

test.each<[number, Level]>([
  [30, 'ok'],
  [10, 'warning'],
  [24 / 7, 'critical'],
])('what waits for a day, judged by doctor.unsentHours = %d, is %s', (unsentHours, level) => {
  const home = statusOf({ ...both('@a:1 @b:2', '@a:1'), pendingSince: hours(24) });
  expect(remarksOn(home, from('mac7', unsentHours))[0]?.level).toBe(level);
});

test('logged in on two Macs is a warning where the home is mounted; on one of them it is not', () => {
  const status = statusOf({
    local: tree('local', '@a:1').map((one) => ({ ...one, mounted: true })),
    server: tree('server', '@a:1', session),
  });
  expect(remarksOn(status, from('mac7'))[0]?.level).toBe('warning');
  expect(remarksOn(status, from('mac-b'))).toEqual([{ level: 'ok', text: 'logged in here' }]);
  expect(remarksOn(status, from(null))[0]?.text).toMatch(/^alice is logged in on mac-b/);
});

test.each<[readonly Level[], Level]>([
  [[], 'ok'],
  [['ok', 'unknown'], 'unknown'],
  [['unknown', 'warning'], 'warning'],
  [['warning', 'critical', 'unknown'], 'critical'],
])('of %j the worst is %s', (found, want) => {
  expect(worstOf(found)).toBe(want);
});
