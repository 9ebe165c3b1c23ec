import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ProgressEvent } from '../../src/progress/event.ts';
import { follow, newTrack, viewOf } from '../../src/progress/track.ts';

const amount = fc.integer({ min: 0, max: 1000 });
const planned = fc.record({
  direction: fc.constantFrom('push' as const, 'pull' as const),
  snapshots: fc.integer({ min: 1, max: 4 }),
  bytes: amount,
  doneBytes: fc.oneof(fc.constant(0), amount),
});

/** A stream: its pieces, zfs's estimate, which may be far off, and whether it is cut. */
const stream = fc
  .record({ transfer: planned, pieces: fc.array(amount), estimate: fc.option(amount), isWhole: fc.boolean() })
  .map(({ transfer, pieces, estimate, isWhole }): readonly ProgressEvent[] => {
    let bytes = 0;
    const moved = pieces.map((piece): ProgressEvent => {
      bytes += piece;
      const progress = { bytes, totalBytes: estimate, snapshot: 1, snapshots: transfer.snapshots };
      return { kind: 'moved', progress };
    });
    return [{ kind: 'transfer-started', transfer }, ...moved, { kind: 'transfer-ended', isWhole }];
  });
/** Rounds of a run, each with a plan of its own that need not be what comes. */
const run = fc
  .array(fc.tuple(fc.array(planned), fc.array(stream)), { maxLength: 4 })
  .map((rounds): readonly ProgressEvent[] => [
    { kind: 'activity', activity: 'listing' },
    ...rounds.flatMap(([transfers, streams]): readonly ProgressEvent[] => [
      { kind: 'planned', transfers },
      ...streams.flat(),
    ]),
    { kind: 'ended', summary: '', problem: null, warnings: [] },
  ]);

test('progress never goes back, is not at its end before all is done, and then is', () => {
  fc.assert(
    fc.property(run, fc.array(fc.nat(5000), { minLength: 1 }), (events, pauses) => {
      let [track, at, fraction, bytes] = [newTrack(0), 0, 0, 0];
      for (const [i, event] of events.entries()) {
        at += pauses[i % pauses.length] ?? 0;
        track = follow(track, event, at);
        const view = viewOf(track, at);
        const holds = {
          fraction: view.fraction >= fraction && (view.fraction === 1) === (event.kind === 'ended'),
          bytes: view.bytes >= bytes && (view.totalBytes ?? 0) >= view.bytes,
          snapshots: view.snapshot <= view.snapshots,
          rate: (view.bytesPerSecond ?? 0) >= 0 && (view.secondsLeft ?? 0) >= 0,
        };
        if (Object.values(holds).includes(false)) expect.fail(JSON.stringify({ event, view, holds }));
        ({ fraction, bytes } = view);
      }
    }),
  );
});
