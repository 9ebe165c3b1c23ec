import type { Key } from '../model.ts';
import { metaOf, sameEntry, type Entry, type Meta, type Tree } from '../tree.ts';

/** The first bytes of a stream of one snapshot, and of a package of several. */
export const streamMagic = 'ROAMHOME-SIMULATOR-STREAM 1 ';
export const packageMagic = 'ROAMHOME-SIMULATOR-PACKAGE 1 ';

/** What stands at the beginning of the stream of a snapshot. */
export interface StreamHeader {
  readonly toguid: string;
  readonly fromguid: string | null;
  readonly toname: string;
  readonly creation: number;
  readonly written: number;
  readonly flags: readonly string[];
  /** Of a volume; null: it is of a file system. */
  readonly volsize: number | null;
  /** What a raw stream brings besides; null: it is none. */
  readonly raw: {
    readonly key: Omit<Key, 'loaded'>;
    readonly toIvset: string | null;
    readonly fromIvset: string | null;
  } | null;
  /** Bytes of the payload, all of it. */
  readonly length: number;
  /** Made from a resume token. */
  readonly resuming: boolean;
  /** Bytes of the payload that are left out, because the receiver has them. */
  readonly resumed: number;
}

interface Change {
  readonly path: string;
  readonly kind: Entry['kind'] | 'removed';
  readonly object: number;
  readonly mode: number;
  readonly target?: string;
  readonly bytes?: number;
  readonly meta?: Meta;
}

function changeTo(path: string, entry: Entry): Change {
  const { kind, object, mode } = entry;
  const change = { path, kind, object, mode, ...metaOf(entry) };
  if (kind === 'file') return { ...change, bytes: entry.content.length };
  return kind === 'symlink' ? { ...change, target: entry.target } : change;
}

/** What a tree has that another has not: the same bytes for the same two trees. */
export function encodePayload(from: Tree | null, to: Tree): Buffer {
  const changes: Change[] = [];
  const contents: Buffer[] = [];
  const paths = [...new Set([...to.keys(), ...(from?.keys() ?? [])])].sort();
  for (const path of from === to ? [] : paths) {
    const [old, now] = [from?.get(path), to.get(path)];
    if (now === undefined) changes.push({ path, kind: 'removed', object: 0, mode: 0 });
    else if (old?.object !== now.object || !sameEntry(old, now)) {
      changes.push(changeTo(path, now));
      if (now.kind === 'file') contents.push(Buffer.from(now.content, 'latin1'));
    }
  }
  return Buffer.concat([Buffer.from(`${JSON.stringify(changes)}\n`), ...contents]);
}

/** The tree that a payload makes of the one that it goes on from. */
export function applyPayload(from: Tree | null, payload: Buffer): Tree {
  const end = payload.indexOf('\n');
  const changes = JSON.parse(payload.subarray(0, end).toString()) as readonly Change[];
  if (changes.length === 0 && from !== null) return from;
  const tree = new Map<string, Entry>(from ?? []);
  let at = end + 1;
  for (const change of changes) {
    const { path, kind, object, mode, target = '', bytes = 0 } = change;
    const meta = metaOf(change);
    if (kind === 'removed') tree.delete(path);
    else if (kind === 'dir') tree.set(path, { kind, object, mode, ...meta });
    else if (kind === 'symlink') tree.set(path, { kind, object, mode, ...meta, target });
    else {
      tree.set(path, { kind, object, mode, ...meta, content: payload.toString('latin1', at, at + bytes) });
      at += bytes;
    }
  }
  return tree;
}

/** The most that one chunk holds: small enough that a test can cut a transfer in the middle. */
const chunkBytes = 64 * 1024;

/** The stream of one snapshot in chunks: its header, then the payload from where it is resumed. */
export function* encodeStream(header: StreamHeader, payload: Buffer): Generator<Buffer, void, undefined> {
  yield Buffer.from(`${streamMagic}${JSON.stringify(header)}\n`);
  for (let at = header.resumed; at < payload.length; at += chunkBytes) {
    yield payload.subarray(at, Math.min(at + chunkBytes, payload.length));
  }
}
