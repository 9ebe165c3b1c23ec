import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ensurePrivate, onDisk } from '../lock/lock-directory.ts';

/** Where conflicts are mounted for a moment, to be looked at: nobody but root gets there. */
export function viewsDirectory(stateDir: string): string {
  return join(stateDir, 'conflicts');
}

/** A new directory there, root's alone from its first moment. */
export async function makePrivatePlace(stateDir: string): Promise<string> {
  const views = viewsDirectory(stateDir);
  return onDisk(views, async () => {
    for (const path of [stateDir, views]) await ensurePrivate(path);
    const place = join(views, randomBytes(16).toString('hex'));
    await mkdir(place, { mode: 0o700 });
    return place;
  });
}

/**
 * Removes the empty directories that mounts have left there. One that is still mounted, or holds anything, stays; and another run may
 * be removing them at the same time, or there may never have been one.
 */
export async function removePrivatePlaces(stateDir: string): Promise<void> {
  const views = viewsDirectory(stateDir);
  await onDisk(views, async () => {
    for (const place of await namesIn(views)) {
      const path = join(views, place);
      for (const mount of await namesIn(path)) await removeIfEmpty(join(path, mount));
      await removeIfEmpty(path);
    }
  });
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

/** Not empty, mounted, gone already, or no directory. */
const stays: ReadonlySet<string> = new Set(['ENOTEMPTY', 'EEXIST', 'EBUSY', 'ENOENT', 'ENOTDIR']);

async function removeIfEmpty(path: string): Promise<void> {
  try {
    await rmdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!stays.has(code ?? '')) throw error;
  }
}
