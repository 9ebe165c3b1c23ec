import { expect, test } from 'vitest';
import type { PlannedTransfer, ProgressEvent } from '../../../src/progress/event.ts';
import { follow, newTrack, viewOf, type ProgressView } from '../../../src/progress/track.ts';

const transfer = (bytes: number, more: Partial<PlannedTransfer> = {}): PlannedTransfer => ({
  ...{ direction: 'push', snapshots: 1, bytes, doneBytes: 0 },
  ...more,
});
const started = (planned: PlannedTransfer): ProgressEvent => ({
  kind: 'transfer-started',
  transfer: planned,
});
const moved = (bytes: number, totalBytes: number | null, snapshot = 1, snapshots = 1): ProgressEvent => ({
  kind: 'moved',
  progress: { bytes, totalBytes, snapshot, snapshots: totalBytes === null ? null : snapshots },
});
const over: ProgressEvent = { kind: 'transfer-ended', isWhole: true };
const cut: ProgressEvent = { kind: 'transfer-ended', isWhole: false };
const done: ProgressEvent = { kind: 'ended', summary: 'all well', problem: null, warnings: [] };

/** The view at the last of the times, each event with its own. */
function after(...events: readonly (readonly [at: number, event: ProgressEvent])[]): ProgressView {
  const track = events.reduce((now, [at, event]) => follow(now, event, at), newTrack(0));
  return viewOf(track, events.at(-1)?.[0] ?? 0);
}

test.each<[string, ProgressView, Partial<ProgressView>]>([
  ['nothing yet', after(), { activity: 'starting', fraction: 0, totalBytes: null, snapshot: 0 }],
  [
    'planned: the sizes of the snapshots',
    after([1, { kind: 'planned', transfers: [transfer(30), transfer(70, { snapshots: 2 })] }]),
    { activity: 'planning', since: 1, bytes: 0, totalBytes: 100, snapshot: 0, snapshots: 3 },
  ],
  [
    'under way: zfs says better what this stream has',
    after(
      [1, { kind: 'planned', transfers: [transfer(30), transfer(70)] }],
      [2, started(transfer(30))],
      [3, moved(25, 50)],
    ),
    { activity: 'sending', bytes: 25, totalBytes: 120, fraction: 25 / 120, snapshot: 1, snapshots: 2 },
  ],
  [
    'the second of three in one stream',
    after([1, started(transfer(90, { direction: 'pull', snapshots: 3 }))], [2, moved(40, 90, 2, 3)]),
    { activity: 'receiving', snapshot: 2, snapshots: 3, isTransferring: true },
  ],
  [
    'what an earlier run has sent counts',
    after([1, started(transfer(0, { doneBytes: 60 }))], [2, moved(10, 40)]),
    { bytes: 70, totalBytes: 100, fraction: 0.7 },
  ],
  [
    'more than was estimated',
    after([1, started(transfer(10))], [2, moved(30, 20)]),
    { bytes: 30, totalBytes: 30, fraction: 0.99 },
  ],
  [
    'cut, and resumed with less than was sent',
    after(
      [1, started(transfer(100))],
      [2, moved(50, 100)],
      [3, cut],
      [4, started(transfer(0, { doneBytes: 40 }))],
      [5, moved(30, 60)],
    ),
    { bytes: 80, snapshot: 1, snapshots: 1 },
  ],
  [
    'done',
    after([1, started(transfer(10))], [2, moved(8, 10)], [3, over], [4, done]),
    { activity: 'done', fraction: 1, bytes: 8, summary: 'all well', isTransferring: false },
  ],
  [
    'failed: where it stood',
    after(
      [1, started(transfer(10))],
      [2, moved(5, 10)],
      [
        3,
        { kind: 'ended', summary: 's', problem: { code: 'c', message: 'm', remedy: 'r' }, warnings: ['w'] },
      ],
    ),
    { activity: 'failed', fraction: 0.5, problem: { code: 'c', message: 'm', remedy: 'r' } },
  ],
  ['data after the end of a stream', after([1, moved(5, 10)]), { bytes: 0, fraction: 0 }],
])('%s', (_what, view, want) => {
  expect(view).toMatchObject(want);
});

test.each<[string, readonly (readonly [number, ProgressEvent])[], number | null, number | null]>([
  ['too early', [[400, moved(4, 10)]], null, null],
  ['from the start', [[1000, moved(500, 2000)]], 500, 3],
  [
    'of the last five seconds',
    [
      [1000, moved(1000, 9000)],
      [2000, moved(2000, 9000)],
      [7000, moved(4500, 9000)],
    ],
    500,
    9,
  ],
  [
    'nothing moves',
    [
      [1000, moved(500, 2000)],
      [8000, moved(500, 2000)],
    ],
    0,
    null,
  ],
  ['more comes than was foretold', [[1000, moved(2500, 2000)]], 2500, null],
  ['the rest of an earlier run makes no rate', [[1000, moved(100, 200)]], 100, 1],
])('rate and time left: %s', (what, events, rate, left) => {
  const doneBytes = what.includes('earlier') ? 1_000_000 : 0;
  const view = after([0, started(transfer(0, { doneBytes }))], ...events);
  expect([view.bytesPerSecond, view.secondsLeft]).toEqual([rate, left]);
});

test('a rate falls when nothing comes any more', () => {
  let track = follow(newTrack(0), started(transfer(0)), 0);
  track = follow(track, moved(1000, 9000), 1000);
  expect(viewOf(track, 1000).bytesPerSecond).toBe(1000);
  expect(viewOf(track, 4000).bytesPerSecond).toBe(250);
});
