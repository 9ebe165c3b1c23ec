import { constants } from 'node:fs';
import { lstat, open, readdir, type FileHandle } from 'node:fs/promises';
import type { Platform } from '../../platform/platform.ts';
import { placeBlocked } from './place-blocked.ts';

/** A directory of a home, held open. */
export interface OpenPlace {
  /** A path that leads to it, whatever becomes of its name meanwhile. For programs of root's, too. */
  readonly at: string;
  readonly uid: number;
  readonly entries: number;
}

/** Where in which home. */
export interface PlaceIn {
  readonly top: string;
  readonly path: string;
}

const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Runs a task on a directory of a home that was reached without following a symlink, name by name, each from the one that is open. Where the system has
 * no paths of open directories (macOS) it is reached by its name: the home has to be read-only, or where only root gets to. Throws
 * `in-the-way` where there is no such directory.
 */
export async function withOpenPlace<T>(
  kind: Platform['kind'],
  place: PlaceIn,
  task: (place: OpenPlace) => Promise<T>,
): Promise<T> {
  if (kind !== 'linux') {
    const at = `${place.top}/${place.path}`;
    const { uid } = await requireDirectory(place, lstat(at));
    return task({ at, uid, entries: (await readdir(at)).length });
  }
  const held = await openWay(place);
  try {
    const at = pathOf(held);
    const { uid } = await held.stat();
    return await task({ at, uid, entries: (await readdir(at)).length });
  } finally {
    await held.close();
  }
}

/** By this process's number: a program that it starts gets there too. */
function pathOf({ fd }: FileHandle): string {
  return `/proc/${process.pid}/fd/${fd}`;
}

async function openWay(place: PlaceIn): Promise<FileHandle> {
  let held = await open(place.top, flags);
  for (const name of place.path.split('/')) {
    try {
      const next = await requireDirectory(place, open(`${pathOf(held)}/${name}`, flags));
      await held.close();
      held = next;
    } catch (error) {
      await held.close();
      throw error;
    }
  }
  return held;
}

async function requireDirectory<T extends FileHandle | { isDirectory(): boolean }>(
  { path }: PlaceIn,
  found: Promise<T>,
): Promise<T> {
  try {
    const it = await found;
    if (!('isDirectory' in it) || it.isDirectory()) return it;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['ELOOP', 'ENOTDIR', 'ENOENT'].includes(code)) throw error;
  }
  throw placeBlocked(path, 'it is no plain directory any more');
}
