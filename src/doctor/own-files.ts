import { constants } from 'node:fs';
import { access, lstat, open, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { OwnDirectory } from './checks/machine.ts';

/** Runs what asks the file system; null when there is nothing at the path. */
async function orMissing<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** What keeps a file from being appended to, or made, in words; null: nothing. Changes nothing. */
export async function troubleWithFile(path: string): Promise<string | null> {
  try {
    const { O_WRONLY, O_APPEND, O_NONBLOCK } = constants;
    const handle = await orMissing(() => open(path, O_WRONLY | O_APPEND | O_NONBLOCK));
    if (handle === null) await access(await nearest(dirname(path)), constants.W_OK | constants.X_OK);
    else
      try {
        if (!(await handle.stat()).isFile()) return 'it is no file';
      } finally {
        await handle.close();
      }
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return code === 'ENOTDIR' ? 'something on the way to it is no directory (ENOTDIR)' : code;
  }
}

/** The path, or the first directory above it that is there. */
async function nearest(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at))
    if (at === dirname(at) || (await orMissing(() => lstat(at))) !== null) return at;
}

/** How a directory of Roamhome's own is, and what room it has. */
export async function lookAtDirectory(path: string): Promise<OwnDirectory> {
  const found = await orMissing(() => lstat(path));
  const { bavail, bsize } = await statfs(await nearest(path));
  return {
    path,
    found:
      found === null ? null : { isDirectory: found.isDirectory(), uid: found.uid, mode: found.mode & 0o7777 },
    freeBytes: bavail * bsize,
  };
}
