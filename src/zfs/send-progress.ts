/** What a line of `zfs send -P -v`'s stderr says. Sizes in bytes. */
export type SendLine =
  /** Of a resumed stream: less what had arrived, modulo 2^64, for that can be more than zfs had expected (seen on 2.3.2). */
  | { readonly kind: 'estimate'; readonly bytes: bigint }
  /** A snapshot that the stream has, with the estimate of its own; all of them come before the first progress. */
  | { readonly kind: 'part'; readonly snapshot: string; readonly bytes: number }
  /** Each second; `snapshot` is the one under way. */
  | { readonly kind: 'progress'; readonly snapshot: string }
  | { readonly kind: 'detail' }
  | { readonly kind: 'message'; readonly text: string };

const sizeLine = /^size\t(\d{1,20})$/;
const partLine = /^(?:full|incremental)\t(?:.*\t)?([^\t]+)\t(\d+)$/;
const progressLine = /^\d{2}:\d{2}:\d{2}\t\d+\t([^\t]+)$/;
/** The token's contents, which -v prints before a resumed stream (lib/libzfs/libzfs_sendrecv.c). */
const tokenLine = /^(resume token contents:|nvlist version: \d+|\t\w+ = .*)$/;

/** Anything that is not progress is a message: an error or a warning of zfs, for `zfsError` to read. */
export function parseSendLine(line: string): SendLine {
  const size = sizeLine.exec(line);
  if (size?.[1] !== undefined) return { kind: 'estimate', bytes: BigInt(size[1]) };
  const under = progressLine.exec(line);
  if (under?.[1] !== undefined) return { kind: 'progress', snapshot: under[1] };
  const part = partLine.exec(line);
  if (part?.[1] !== undefined) return { kind: 'part', snapshot: part[1], bytes: Number(part[2]) };
  if (tokenLine.test(line) || line === '') return { kind: 'detail' };
  return { kind: 'message', text: line };
}
