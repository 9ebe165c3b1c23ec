/** What a line of `zfs send -P -v`'s stderr says. Sizes in bytes. */
export type SendLine =
  | { readonly kind: 'estimate'; readonly bytes: number }
  | { readonly kind: 'progress' }
  | { readonly kind: 'detail' }
  | { readonly kind: 'message'; readonly text: string };

const sizeLine = /^size\t(\d+)$/;
const partLine = /^(full|incremental)\t.*\t\d+$/;
const progressLine = /^\d{2}:\d{2}:\d{2}\t\d+\t/;
/** The token's contents, which -v prints before a resumed stream (lib/libzfs/libzfs_sendrecv.c). */
const tokenLine = /^(resume token contents:|nvlist version: \d+|\t\w+ = .*)$/;

/** Anything that is not progress is a message: an error or a warning of zfs, for `zfsError` to read. */
export function parseSendLine(line: string): SendLine {
  const size = sizeLine.exec(line);
  if (size?.[1] !== undefined) return { kind: 'estimate', bytes: Number(size[1]) };
  if (progressLine.test(line)) return { kind: 'progress' };
  if (partLine.test(line) || tokenLine.test(line) || line === '') return { kind: 'detail' };
  return { kind: 'message', text: line };
}
