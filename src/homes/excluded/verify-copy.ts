import { lstatSync, readdirSync, readFileSync, readlinkSync, type BigIntStats } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { uniqueSorted } from '../files/directory.ts';
import { isGone } from '../files/entry.ts';
import { placeIn } from '../files/file-tree.ts';
import { sameContent } from '../files/same-content.ts';
import type { Platform } from '../../platform/platform.ts';

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

/** The paths of a copy that the original does not have: it is no copy of that. */
export async function strangersIn(
  copy: string,
  original: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { path, a, b } of walk({ original: copy, copy: original, path: Buffer.alloc(0) }, signal))
    if (a !== null && b === null) found.push(path.toString());
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

/**
 * All paths of both, a directory before what is in it. At once: a turn of the thread pool for each call would take longer than
 * all of them. Now and then signals get their turn.
 */
async function* walk(top: Pair, signal: AbortSignal): AsyncGenerator<Compared> {
  const left = [top];
  for (let visited = 1; ; visited += 1) {
    const pair = left.pop();
    if (pair === undefined) return;
    if (visited % 64 === 0) await turn();
    signal.throwIfAborted();
    const [a, b] = [statusAt(pair.original, pair.path), statusAt(pair.copy, pair.path)];
    yield { ...pair, a, b };
    const names = uniqueSorted([
      ...(a?.isDirectory() === true ? readdirSync(at(pair.original, pair.path), { encoding: 'buffer' }) : []),
      ...(b?.isDirectory() === true ? readdirSync(at(pair.copy, pair.path), { encoding: 'buffer' }) : []),
    ]);
    for (const name of [...names].reverse())
      left.push({ ...pair, path: pair.path.length === 0 ? name : placeIn(pair.path, name) });
  }
}

function at(top: string, path: Buffer): Buffer {
  return path.length === 0 ? Buffer.from(top) : placeIn(Buffer.from(top), path);
}

function statusAt(top: string, path: Buffer): BigIntStats | null {
  try {
    return lstatSync(at(top, path), { bigint: true });
  } catch (error) {
    if (isGone(error)) return null;
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

/** What is read as a whole, in bytes. */
const smallFile = 1n << 18n;

async function holdTheSame(
  { original, copy, path }: Pair,
  a: BigIntStats,
  signal: AbortSignal,
): Promise<boolean> {
  const [mine, theirs] = [at(original, path), at(copy, path)];
  if (a.isSymbolicLink()) return readlinkSync(mine, 'buffer').equals(readlinkSync(theirs, 'buffer'));
  if (!a.isFile()) return true;
  if (a.size > smallFile) return sameContent(mine, theirs, signal);
  return readFileSync(mine).equals(readFileSync(theirs));
}
