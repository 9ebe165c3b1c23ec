import { readdir } from 'node:fs/promises';
import { RoamhomeError } from '../../errors/errors.ts';
import { entryAt, type Entry } from './entry.ts';
import { mountAt, pathIn, placeIn, type FileTree, type HomePath } from './file-tree.ts';

/**
 * The paths that a person named, as they are in the conflict: a Mac stores another normalisation of a name than a
 * keyboard gives. Throws `usage` for what is no path below a home, `path-missing` for one that is not there.
 */
export async function choosePaths(words: readonly string[], tree: FileTree): Promise<readonly HomePath[]> {
  return Promise.all(words.map((word) => resolveIn(tree, word)));
}

async function resolveIn(tree: FileTree, word: string): Promise<HomePath> {
  const found = await locate(tree, partsOf(word));
  if (found === null) throw notThere(word);
  return found.path;
}

/** What lies at a path of a tree: the path as it is stored, and where it is. */
export interface Located {
  readonly path: HomePath;
  readonly place: Buffer;
  readonly entry: Entry;
}

/** Finds a path in a tree; null: there is nothing. */
export async function locate(tree: FileTree, parts: readonly string[]): Promise<Located | null> {
  // A tree may begin further down, with the one dataset that matters.
  const top = [...tree.mounts.keys()]
    .filter((mount) => mount === '' || `${parts.join('/')}/`.startsWith(`${mount}/`))
    .reduce<string | null>(
      (longest, mount) => (mount.length >= (longest?.length ?? 0) ? mount : longest),
      null,
    );
  if (top === null) return null;
  let path: HomePath = Buffer.from(top);
  let place = mountAt(tree, path);
  for (const part of parts.slice(top === '' ? 0 : top.split('/').length)) {
    const above = place === null ? null : await entryAt(place);
    // Not through a symlink: it can lead anywhere on this machine.
    if (place === null || above?.kind !== 'directory') return null;
    const name = await storedName(place, part);
    path = pathIn(path, name);
    place = mountAt(tree, path) ?? placeIn(place, name);
  }
  const entry = place === null ? null : await entryAt(place);
  return place === null || entry === null ? null : { path, place, entry };
}

async function storedName(directory: Buffer, part: string): Promise<Buffer> {
  const wanted = Buffer.from(part);
  const names = await readdir(directory, { encoding: 'buffer' });
  return (
    names.find((name) => name.equals(wanted)) ??
    names.find((name) => name.toString('utf8').normalize('NFC') === part.normalize('NFC')) ??
    wanted
  );
}

/** A path as a person types it, from the root or from `~`, relative to the home that is mounted there; others as they are. */
export function belowHome(word: string, mountpoint: string): string {
  const top = ['~', mountpoint].find((each) => word.startsWith(`${each}/`));
  return top === undefined ? word : word.slice(top.length + 1);
}

/** `Documents/novel.txt` in its parts. Throws `usage`. Pure. */
export function partsOf(word: string): readonly string[] {
  const parts = word.split('/').filter((part) => part !== '' && part !== '.');
  if (word.startsWith('/') || parts.length === 0 || parts.includes('..')) {
    throw new RoamhomeError({
      code: 'usage',
      message: `${JSON.stringify(word)} is no path below a home`,
      remedy: 'Give a path relative to the home: Documents/novel.txt.',
    });
  }
  return parts;
}

function notThere(word: string): RoamhomeError {
  return new RoamhomeError({
    code: 'path-missing',
    message: `the conflict has no ${JSON.stringify(word)}`,
    remedy: '`roamhome conflicts diff NAME` shows what it has and the home has not; nothing was copied.',
  });
}
