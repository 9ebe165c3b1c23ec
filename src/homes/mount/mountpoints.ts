import { lstat, readdir, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RoamhomeError } from '../../errors/errors.ts';

/** The places where homes are mounted, as the file system shows them: zfs may be what is missing. */
export interface Mountpoints {
  /** Whether a file system is mounted there. */
  isMountpoint(path: string): Promise<boolean>;
  /** How many entries the place has before anything is mounted on it. Throws when it is no plain directory. */
  countEntries(path: string): Promise<number>;
  /** Removes a directory that holds nothing; any other stays. */
  removeEmpty(path: string): Promise<void>;
  /** The uid. */
  ownerOf(path: string): Promise<number>;
}

/** This machine's. */
export const systemMountpoints: Mountpoints = {
  isMountpoint,
  countEntries,
  removeEmpty,
  ownerOf: async (path) => (await lstat(path)).uid,
};

async function countEntries(mountpoint: string): Promise<number> {
  try {
    const found = await lstat(mountpoint);
    if (!found.isDirectory()) {
      throw new RoamhomeError({
        code: 'home-wrong-owner',
        message: `${mountpoint} is not a directory, so no home is mounted there`,
        remedy: 'Move it away: the mountpoint is made by itself.',
      });
    }
    return (await readdir(mountpoint)).length;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

async function removeEmpty(path: string): Promise<void> {
  try {
    await rmdir(path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(code)) throw error;
  }
}

async function isMountpoint(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).dev !== (await lstat(dirname(path))).dev;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
