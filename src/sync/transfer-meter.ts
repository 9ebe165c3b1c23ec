import type { TransferProgress } from '../progress/event.ts';
import { parseSendLine } from '../zfs/send-progress.ts';
import { countContent } from '../zfs/stream-content.ts';

/** Says how far a stream is, from what its sender says and from what comes by. No I/O. */
export interface TransferMeter {
  /** Takes a line of the sender's stderr; returns it where it is none of progress. */
  readonly hear: (line: string) => string | null;
  /** Takes the stream's next bytes. */
  readonly count: (piece: Buffer) => void;
  readonly progress: () => TransferProgress;
  /** Bytes of stream that came by. */
  readonly streamBytes: () => number;
  /** What they carried, by the heads of its records. */
  readonly contentBytes: () => number;
}

/** `arrived`: bytes of this stream that an earlier run has brought; 0 for one that is not resumed. */
export function meterTransfer(arrived: bigint): TransferMeter {
  const content = countContent();
  /** `before`: what zfs expects of those before it, together. */
  const parts: { readonly snapshot: string; readonly bytes: number; readonly before: number }[] = [];
  let [streamBytes, snapshot] = [0, 1];
  /** Of the whole stream, with what arrived earlier. */
  let estimate: bigint | null = null;

  /** What arrived earlier was counted as bytes of stream; the same share of it is taken for content as of what comes now. */
  const expected = (): number | null => {
    if (estimate === null) return null;
    const share = streamBytes === 0 ? 1 : content.bytes() / streamBytes;
    return Math.max(0, Math.round(Number(estimate) - Number(arrived) * share));
  };

  /**
   * Of several snapshots each that has passed counts for what zfs expected of it. What a snapshot with few changes carries is far
   * less than that: zfs expects some KiB for each dataset (measured with 1,000 snapshots on OpenZFS 2.3.2).
   */
  const carried = (): number => {
    const { ended, bytes } = content.inner();
    const last = parts.at(-1);
    if (parts.length < 2 || last === undefined || arrived > 0n) return content.bytes();
    const under = parts[ended];
    return under === undefined ? last.before + last.bytes : under.before + Math.min(bytes, under.bytes);
  };
  const underWay = (): number =>
    Math.min(Math.max(snapshot, content.inner().ended + 1), Math.max(1, parts.length));

  return {
    hear: (line) => {
      const said = parseSendLine(line);
      switch (said.kind) {
        case 'part':
          parts.push({ ...said, before: (parts.at(-1)?.before ?? 0) + (parts.at(-1)?.bytes ?? 0) });
          return null;
        case 'estimate':
          estimate = BigInt.asUintN(64, said.bytes + arrived);
          return null;
        case 'progress':
          snapshot = Math.max(snapshot, parts.findIndex((part) => part.snapshot === said.snapshot) + 1);
          return null;
        case 'detail':
          return null;
        case 'message':
          return said.text;
      }
    },
    count: (piece) => {
      streamBytes += piece.length;
      content.take(piece);
    },
    progress: () => ({
      bytes: Math.round(carried()),
      totalBytes: expected(),
      snapshot: underWay(),
      snapshots: estimate === null ? null : Math.max(1, parts.length),
    }),
    streamBytes: () => streamBytes,
    contentBytes: () => Math.round(content.bytes()),
  };
}
