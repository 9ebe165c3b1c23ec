import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export type RecordedStream = 'full' | 'uncompressed' | 'raw' | 'history';

/** A stream that OpenZFS 2.3.2 made of 18 files, a directory and what it keeps besides; `history` is of `zfs send -I`. */
export function recordedStream(name: RecordedStream): Buffer {
  return gunzipSync(readFileSync(new URL(`../unit/zfs/streams/${name}.stream.gz`, import.meta.url)));
}
