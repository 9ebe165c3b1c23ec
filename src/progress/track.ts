import type { Activity, PlannedTransfer, ProgressEvent, ShownProblem, TransferProgress } from './event.ts';

/** What is known of a run after some of its events. */
export interface Track {
  readonly activity: Activity | 'done' | 'failed';
  /** Milliseconds since the epoch: when the activity began. */
  readonly since: number;
  readonly startedAt: number;
  /** Planned, and not begun. */
  readonly toCome: readonly PlannedTransfer[];
  readonly current: { readonly transfer: PlannedTransfer; readonly progress: TransferProgress } | null;
  /** Of streams that are over. `cutBytes`: those among `bytes` of streams that were cut, which a resumed one has too. */
  readonly finished: { readonly bytes: number; readonly cutBytes: number; readonly snapshots: number };
  /** Moved in this run by streams that are over: what a rate is made of. */
  readonly streamedBytes: number;
  /** The largest part of the whole that was ever shown: progress never goes back. */
  readonly fraction: number;
  readonly samples: readonly Sample[];
  readonly summary: string | null;
  readonly problem: ShownProblem | null;
  readonly warnings: readonly string[];
  /** For the user, in their words. */
  readonly notices?: readonly string[];
}

/** How much had been moved at a time, in milliseconds. */
interface Sample {
  readonly at: number;
  readonly bytes: number;
}

/** What watchers show. */
export interface ProgressView {
  /** When it is so. Milliseconds since the epoch. */
  readonly at: number;
  readonly activity: Track['activity'];
  readonly since: number;
  readonly startedAt: number;
  readonly isTransferring: boolean;
  readonly bytes: number;
  /** null: nothing is known of it. Never less than `bytes`. */
  readonly totalBytes: number | null;
  /** The snapshot under way, from 1 on; 0: none yet. */
  readonly snapshot: number;
  readonly snapshots: number;
  /** From 0 to 1; never falls, and is 1 only once all is done. */
  readonly fraction: number;
  /** Over the last seconds; null: too early to say. */
  readonly bytesPerSecond: number | null;
  readonly secondsLeft: number | null;
  readonly summary: string | null;
  readonly problem: ShownProblem | null;
  readonly warnings: readonly string[];
  /** For the user, in their words. */
  readonly notices?: readonly string[];
}

/** Before the first event. Pure. */
export function newTrack(at: number): Track {
  return {
    ...{ activity: 'starting', since: at, startedAt: at, toCome: [], current: null },
    ...{
      finished: { bytes: 0, cutBytes: 0, snapshots: 0 },
      streamedBytes: 0,
      fraction: 0,
      samples: [],
      summary: null,
      problem: null,
      warnings: [],
    },
  };
}

/** The rate is that of this many milliseconds. */
const windowMs = 5000;

/** An estimate is one: the last of it is shown when it has arrived. */
const almost = 0.99;

/** What the event makes of it. `at`: milliseconds, not before those of earlier events. Pure. */
export function follow(track: Track, event: ProgressEvent, at: number): Track {
  switch (event.kind) {
    case 'activity':
      return become(track, event.activity, at);
    case 'planned':
      return { ...become(track, 'planning', at), toCome: event.transfers };
    case 'transfer-started': {
      const { transfer } = event;
      const progress = { bytes: 0, totalBytes: null, snapshot: 1, snapshots: null };
      const next = become(track, transfer.direction === 'push' ? 'sending' : 'receiving', at);
      const { finished, toCome } = next;
      const again = Math.min(finished.cutBytes, transfer.doneBytes);
      const { bytes, cutBytes } = finished;
      return sampled(
        {
          ...next,
          toCome: toCome.slice(1),
          current: { transfer, progress },
          finished: { ...finished, bytes: bytes - again, cutBytes: cutBytes - again },
        },
        at,
      );
    }
    case 'moved':
      if (track.current === null) return track;
      return sampled({ ...track, current: { ...track.current, progress: event.progress } }, at);
    case 'transfer-ended': {
      if (track.current === null) return track;
      const { transfer, progress } = track.current;
      const { bytes, cutBytes, snapshots } = track.finished;
      const arrived = transfer.doneBytes + progress.bytes;
      return sampled(
        {
          ...track,
          current: null,
          streamedBytes: track.streamedBytes + progress.bytes,
          finished: {
            bytes: bytes + arrived,
            cutBytes: cutBytes + (event.isWhole ? 0 : arrived),
            snapshots: snapshots + (event.isWhole ? (progress.snapshots ?? transfer.snapshots) : 0),
          },
        },
        at,
      );
    }
    case 'ended': {
      const { summary, problem, warnings, notices = [] } = event;
      const ended = become(track, problem === null ? 'done' : 'failed', at);
      const fraction = problem === null ? 1 : track.fraction;
      return { ...ended, fraction, toCome: [], current: null, summary, problem, warnings, notices };
    }
  }
}

function become(track: Track, activity: Track['activity'], at: number): Track {
  return activity === track.activity ? track : { ...track, activity, since: at };
}

/** Bytes that have moved, with those of an earlier run of the stream that is under way. */
function movedBytes({ finished, current }: Track): number {
  return finished.bytes + (current === null ? 0 : current.transfer.doneBytes + current.progress.bytes);
}

function totalBytes({ finished, current, toCome }: Track): number {
  const rest = toCome.reduce((sum, { bytes, doneBytes }) => sum + bytes + doneBytes, 0);
  if (current === null) return finished.bytes + rest;
  const { transfer, progress } = current;
  const whole = Math.max(progress.totalBytes ?? transfer.bytes, progress.bytes);
  return finished.bytes + transfer.doneBytes + whole + rest;
}

/** Only bytes that move in this run make a rate. */
function sampled(track: Track, at: number): Track {
  const bytes = track.streamedBytes + (track.current?.progress.bytes ?? 0);
  // One from before the window stays: it is where the window begins.
  const from = track.samples.findLastIndex((sample) => sample.at <= at - windowMs);
  const kept = track.samples.slice(Math.max(0, from));
  const total = totalBytes(track);
  // Without zfs's estimate of what is under way, the rest of an interrupted stream would seem to be nothing.
  const isKnown = track.current !== null && track.current.progress.totalBytes !== null;
  const part = isKnown && total > 0 ? movedBytes(track) / total : 0;
  return {
    ...track,
    samples: [...kept, { at, bytes }],
    fraction: Math.max(track.fraction, Math.min(part, almost)),
  };
}

/** Bytes a second over the window that ends at `at`; null: less than half a second is known. Pure. */
function rateAt({ samples }: Track, at: number): number | null {
  const last = samples.at(-1);
  const first = samples.findLast((sample) => sample.at <= at - windowMs) ?? samples[0];
  if (first === undefined || last === undefined || at - first.at < 500) return null;
  return ((last.bytes - first.bytes) * 1000) / (at - first.at);
}

/** What is to be shown at a time in milliseconds. Pure. */
export function viewOf(track: Track, at: number): ProgressView {
  const {
    activity,
    since,
    startedAt,
    current,
    finished,
    fraction,
    summary,
    problem,
    warnings,
    notices = [],
  } = track;
  const bytes = movedBytes(track);
  const total = Math.max(totalBytes(track), bytes);
  const bytesPerSecond = current === null ? null : rateAt(track, at);
  // Where more comes than was foretold nobody knows how much more: zfs leaves out what each file takes besides its content.
  const isKnown = bytesPerSecond !== null && bytesPerSecond > 0 && total > bytes;
  const left = isKnown ? (total - bytes) / bytesPerSecond : null;
  const under = current === null ? 0 : current.progress.snapshot;
  const ofCurrent = current === null ? 0 : (current.progress.snapshots ?? current.transfer.snapshots);
  return {
    ...{ at, activity, since, startedAt, isTransferring: current !== null },
    ...{ bytes, totalBytes: total === 0 ? null : total },
    snapshot: finished.snapshots + under,
    snapshots:
      finished.snapshots + ofCurrent + track.toCome.reduce((sum, { snapshots }) => sum + snapshots, 0),
    ...{ fraction, bytesPerSecond, secondsLeft: left === null ? null : Math.ceil(left) },
    ...{ summary, problem, warnings, notices },
  };
}
