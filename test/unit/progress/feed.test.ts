import { expect, test, vi } from 'vitest';
import { createFeed, type Watcher } from '../../../src/progress/feed.ts';
import type { ProgressEvent } from '../../../src/progress/event.ts';
import type { ProgressView } from '../../../src/progress/track.ts';

const transfer = { direction: 'pull', snapshots: 1, bytes: 100, doneBytes: 0 } as const;
const moved = (bytes: number): ProgressEvent => ({
  kind: 'moved',
  progress: { bytes, totalBytes: 100, snapshot: 1, snapshots: 1 },
});
const done: ProgressEvent = { kind: 'ended', summary: 'all well', problem: null, warnings: [] };

function feedOf(watchers: readonly Watcher[]) {
  const failures: string[] = [];
  const feed = createFeed({
    watchers,
    now: () => Date.now(),
    onFailure: (watcher, error) => failures.push(`${watcher}: ${String(error)}`),
  });
  return { feed, failures };
}

test('many events make few views, and the last state is shown', async () => {
  vi.useFakeTimers();
  try {
    const views: ProgressView[] = [];
    const { feed } = feedOf([{ name: 'one', show: (view) => void views.push(view) }]);
    feed.sink({ kind: 'transfer-started', transfer });
    for (let bytes = 1; bytes <= 100; bytes++) {
      feed.sink(moved(bytes));
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(views.length).toBe(5);
    expect(views.at(-1)?.bytes).toBe(100);
    feed.sink(done);
    await feed.close();
    expect(views.at(-1)).toMatchObject({ activity: 'done', fraction: 1, summary: 'all well' });
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('a watcher that is slow misses views, and is never called while it is at one', async () => {
  vi.useFakeTimers();
  try {
    const seen: number[] = [];
    let atOnce = 0;
    const slow: Watcher = {
      name: 'slow',
      show: async ({ bytes }) => {
        expect(atOnce++).toBe(0);
        await new Promise((resolve) => setTimeout(resolve, 450));
        atOnce -= 1;
        seen.push(bytes);
      },
    };
    const { feed, failures } = feedOf([slow]);
    feed.sink({ kind: 'transfer-started', transfer });
    for (let bytes = 1; bytes <= 10; bytes++) {
      feed.sink(moved(bytes));
      await vi.advanceTimersByTimeAsync(200);
    }
    await vi.advanceTimersByTimeAsync(1000);
    expect(seen.length).toBeLessThan(8);
    expect(seen.at(-1)).toBe(10);
    const closing = feed.close();
    await vi.advanceTimersByTimeAsync(500);
    await closing;
    expect(failures).toEqual([]);
  } finally {
    vi.useRealTimers();
  }
});

test('one that hangs and ones that fail keep neither the run nor the others; each failure is told once', async () => {
  vi.useFakeTimers();
  try {
    const fail = (): never => {
      throw new Error('no');
    };
    const views: ProgressView[] = [];
    const { feed, failures } = feedOf([
      { name: 'hangs', show: () => new Promise(() => undefined) },
      { name: 'throws', show: fail, close: fail },
      { name: 'rejects', show: () => Promise.reject(new Error('full disk')) },
      { name: 'well', show: (view) => void views.push(view) },
    ]);
    for (const activity of ['listing', 'planning', 'mounting'] as const) {
      feed.sink({ kind: 'activity', activity });
      await vi.advanceTimersByTimeAsync(200);
    }
    feed.sink(done);
    const closing = feed.close();
    await vi.advanceTimersByTimeAsync(500);
    await closing;
    expect(views.map(({ activity }) => activity)).toEqual(['listing', 'planning', 'mounting', 'done']);
    expect(failures).toEqual(['throws: Error: no', 'rejects: Error: full disk']);
  } finally {
    vi.useRealTimers();
  }
});
