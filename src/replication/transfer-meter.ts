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
}

/** `arrived`: bytes of this stream that an earlier run has brought; 0 for one that is not resumed. */
export function meterTransfer(arrived: bigint): TransferMeter {
  const content = countContent();
  const parts: string[] = [];
  let [streamBytes, snapshot] = [0, 1];
  /** Of the whole stream, with what arrived earlier. */
  let estimate: bigint | null = null;

  /** What arrived earlier was counted as bytes of stream; the same share of it is taken for content as of what comes now. */
  const expected = (): number | null => {
    if (estimate === null) return null;
    const share = streamBytes === 0 ? 1 : content.bytes() / streamBytes;
    return Math.max(0, Math.round(Number(estimate) - Number(arrived) * share));
  };

  return {
    hear: (line) => {
      const said = parseSendLine(line);
      switch (said.kind) {
        case 'part':
          parts.push(said.snapshot);
          return null;
        case 'estimate':
          estimate = BigInt.asUintN(64, said.bytes + arrived);
          return null;
        case 'progress':
          snapshot = Math.max(snapshot, parts.indexOf(said.snapshot) + 1);
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
      bytes: Math.round(content.bytes()),
      totalBytes: expected(),
      snapshot,
      snapshots: estimate === null ? null : Math.max(1, parts.length),
    }),
    streamBytes: () => streamBytes,
  };
}
