/** One stream's progress, in bytes of stream. */
export interface TransferProgress {
  /** Bytes moved so far, those of an earlier, interrupted run included. */
  readonly bytes: number;
  /** zfs's own estimate of the whole; null until it is known. */
  readonly totalBytes: number | null;
}

export type ProgressListener = (progress: TransferProgress) => void;
