import { expect, test } from 'vitest';
import { barLine, plainLine } from '../../../src/watchers/bar-line.ts';
import { linesWatcher } from '../../../src/watchers/lines.ts';
import { done, failed, listing, receiving } from '../../support/watchers/views.ts';

test.each([
  [
    200,
    receiving,
    'alice: receiving [##########..............]  42 %  1.2 of 2.9 GiB  12.3 MiB/s  2 min left  2 of 3 snapshots',
  ],
  [79, receiving, 'alice: receiving [#####.........]  42 %  1.2 of 2.9 GiB  12.3 MiB/s  2 min left'],
  [60, receiving, 'alice: receiving [########...........]  42 %  1.2 of 2.9 GiB'],
  [39, receiving, 'alice: receiving [#####.........]  42 %'],
  [24, receiving, 'alice: receiving 42 %'],
  [10, receiving, 'alice: rec'],
  [79, listing, 'alice: looking at both sides'],
  [79, done, 'alice: done [########################] 100 %  2.9 of 2.9 GiB  3 of 3 snapshots'],
  [
    79,
    { ...receiving, snapshots: 1, snapshot: 1, bytesPerSecond: null, secondsLeft: null },
    'alice: receiving [##########..............]  42 %  1.2 of 2.9 GiB',
  ],
])('in %d columns: %#', (columns, view, want) => {
  expect(barLine('alice', view, columns)).toBe(want);
  expect(want.length).toBeLessThanOrEqual(columns);
});

test.each([
  [receiving, 'roamhome: alice: receiving, 42 %, 1.2 of 2.9 GiB, 12.3 MiB/s, 2 min left, 2 of 3 snapshots'],
  [listing, 'roamhome: alice: looking at both sides'],
  [failed, 'roamhome: alice: failed, 42 %, 1.2 of 2.9 GiB, 2 of 3 snapshots'],
])('a line where there is no terminal: %#', (view, want) => {
  expect(plainLine('alice', view)).toBe(want);
});

test('without a terminal a short run says nothing, and a long one less and less often', async () => {
  const said: number[] = [];
  let at = 0;
  const watcher = linesWatcher('alice', () => void said.push(at));
  for (at = 0; at <= 3600; at++) await watcher.show({ ...receiving, startedAt: 0, at: at * 1000 });
  expect(said).toEqual([10, 30, 70, 150, 310, 630, 1270, 2550]);
  const quiet = linesWatcher('alice', () => expect.fail('nothing moves'));
  await quiet.show({ ...listing, startedAt: 0, at: 60_000 });
});
