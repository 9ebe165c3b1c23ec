/** What a run is at. `setting-aside`: a line of history makes room for the server's. */
export type Activity =
  | 'starting'
  | 'waiting'
  | 'ending-processes'
  | 'unmounting'
  | 'listing'
  | 'snapshotting'
  | 'planning'
  | 'sending'
  | 'receiving'
  | 'setting-aside'
  | 'mounting';

export type Direction = 'push' | 'pull';

/** A stream as it is planned. */
export interface PlannedTransfer {
  readonly direction: Direction;
  /** How many it carries. */
  readonly snapshots: number;
  /** A guess from what the snapshots are said to hold, until zfs has its own; those of `doneBytes` not among them. */
  readonly bytes: number;
  /** Of an interrupted stream: what arrived in an earlier run. */
  readonly doneBytes: number;
}

/** One stream's progress, in bytes of what it carries: what zfs's estimate is made of (`countContent`). */
export interface TransferProgress {
  /** Moved by this stream. */
  readonly bytes: number;
  /** What zfs expects this stream to move; null until it is known. */
  readonly totalBytes: number | null;
  /** Which of its snapshots is under way, from 1 on. */
  readonly snapshot: number;
  /** How many snapshots it has; null until zfs has said it. */
  readonly snapshots: number | null;
}

export type TransferListener = (progress: TransferProgress) => void;

/** What went wrong, in words that may be shown to anybody. */
export interface ShownProblem {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** What a run tells of itself while it goes on, in order. */
export type ProgressEvent =
  | { readonly kind: 'activity'; readonly activity: Activity }
  /** The streams that are to come; takes the place of an earlier plan. */
  | { readonly kind: 'planned'; readonly transfers: readonly PlannedTransfer[] }
  | { readonly kind: 'transfer-started'; readonly transfer: PlannedTransfer }
  | { readonly kind: 'moved'; readonly progress: TransferProgress }
  /** Failed or put off; what arrived of it is kept. */
  | { readonly kind: 'transfer-ended'; readonly isWhole: boolean }
  | {
      readonly kind: 'ended';
      readonly summary: string;
      readonly problem: ShownProblem | null;
      /** Worth a word, but nothing failed; may be shown to anybody. */
      readonly warnings: readonly string[];
      /** What of it the user is told, in their words; absent: nothing. */
      readonly notices?: readonly string[];
    };

/** Takes events: without waiting, and without ever throwing. */
export type ProgressSink = (event: ProgressEvent) => void;

/** Where nobody watches. */
export const unwatched: ProgressSink = () => undefined;
