import { lstat, readdir, readlink } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import { placeIn } from '../conflicts/file-tree.ts';
import { uniqueSorted } from '../conflicts/directory.ts';
import { sameContent } from '../conflicts/same-content.ts';
import type { Platform } from '../platform/platform.ts';

export interface VerifyOptions {
  readonly platform: Pick<Platform, 'treeAttributes'>;
  readonly signal: AbortSignal;
}

/**
 * The paths at which a copy is not what it was made from, in all that its files have and are, read to the last byte; `''`:
 * the directories themselves, or attributes somewhere in them. Sockets are none: they mean nothing without their program.
 */
export async function differencesOf(
  original: string,
  copy: string,
  { platform, signal }: VerifyOptions,
): Promise<readonly string[]> {
  const found: string[] = [];
  const links = { original: new Map<bigint, string>(), copy: new Map<bigint, string>() };
  for await (const pair of walk({ original, copy, path: Buffer.alloc(0) }, signal)) {
    const { a, b } = pair;
    if (a?.isSocket() === true && b === null) continue;
    const isSame =
      a !== null &&
      b !== null &&
      factsOf(a) === factsOf(b) &&
      linkOf(a, pair.path, links.original) === linkOf(b, pair.path, links.copy) &&
      (await holdTheSame(pair, a, signal));
    if (!isSame) found.push(pair.path.toString());
  }
  if (found.length > 0) return found;
  const attributes = await Promise.all([original, copy].map((each) => platform.treeAttributes(each, signal)));
  return attributes[0] === attributes[1] ? [] : [''];
}

/**
 * The paths of a directory that another does not hold too: as the same kind of thing, with the same content, and files with
 * the same mode, owner and time. What the other has besides does not matter.
 */
export async function missingFrom(
  rest: string,
  whole: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const pair of walk({ original: rest, copy: whole, path: Buffer.alloc(0) }, signal)) {
    const { a, b } = pair;
    if (a === null || a.isSocket()) continue;
    const isThere =
      b !== null &&
      (a.isFile() ? factsOf(a) === factsOf(b) : (a.mode & kindBits) === (b.mode & kindBits)) &&
      (await holdTheSame(pair, a, signal));
    if (!isThere) found.push(pair.path.toString());
  }
  return found;
}

/** S_IFMT (stat(2)). */
const kindBits = 0o170000n;

interface Pair {
  readonly original: string;
  readonly copy: string;
  readonly path: Buffer;
}

type Compared = Pair & { readonly a: BigIntStats | null; readonly b: BigIntStats | null };

/** All paths of both, a directory before what is in it. */
async function* walk(pair: Pair, signal: AbortSignal): AsyncGenerator<Compared> {
  signal.throwIfAborted();
  const [a, b] = [await statusAt(pair.original, pair.path), await statusAt(pair.copy, pair.path)];
  yield { ...pair, a, b };
  const names = uniqueSorted([
    ...(a?.isDirectory() === true ? await readdir(at(pair.original, pair.path), { encoding: 'buffer' }) : []),
    ...(b?.isDirectory() === true ? await readdir(at(pair.copy, pair.path), { encoding: 'buffer' }) : []),
  ]);
  for (const name of names)
    yield* walk({ ...pair, path: pair.path.length === 0 ? name : placeIn(pair.path, name) }, signal);
}

function at(top: string, path: Buffer): Buffer {
  return path.length === 0 ? Buffer.from(top) : placeIn(Buffer.from(top), path);
}

async function statusAt(top: string, path: Buffer): Promise<BigIntStats | null> {
  try {
    return await lstat(at(top, path), { bigint: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

/** Kind, mode, owner, time, and the size of a file: that of a directory is the file system's own. */
function factsOf(found: BigIntStats): string {
  const { mode, uid, gid, mtimeNs, size, rdev } = found;
  return [mode, uid, gid, mtimeNs, found.isFile() ? size : 0n, rdev].join(' ');
}

/** The first path of a file with several names, in the order of the walk. */
function linkOf({ ino, nlink }: BigIntStats, path: Buffer, seen: Map<bigint, string>): string {
  const own = path.toString('latin1');
  if (nlink < 2n) return own;
  const first = seen.get(ino) ?? own;
  seen.set(ino, first);
  return first;
}

async function holdTheSame(
  { original, copy, path }: Pair,
  a: BigIntStats,
  signal: AbortSignal,
): Promise<boolean> {
  const [mine, theirs] = [at(original, path), at(copy, path)];
  if (a.isFile()) return sameContent(mine, theirs, signal);
  if (!a.isSymbolicLink()) return true;
  const targets = await Promise.all([mine, theirs].map((link) => readlink(link, { encoding: 'buffer' })));
  return targets[0]?.equals(targets[1] ?? Buffer.alloc(0)) === true;
}
