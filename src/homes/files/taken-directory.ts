import { constants } from 'node:fs';
import { open, readdir, type FileHandle } from 'node:fs/promises';
import type { Identity } from '../../host/local.ts';
import { diskFullCodeOf } from '../../platform/disk-full.ts';
import { doesNotFit } from './copy-failure.ts';

/** An empty directory of a user's that is root's alone until it is given back. */
export interface TakenDirectory {
  /**
   * Leads to the very directory, whatever its owner has put in its place meanwhile, for root's commands and while this
   * process has it.
   */
  readonly path: string;
  /** To its owner, as it was. Throws `no-space` and `quota-exceeded`: that takes space too, and it is root's still. */
  giveBack(): Promise<void>;
  /** Whether it was given back or not: `path` leads nowhere then. */
  close(): Promise<void>;
}

const errnoOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/**
 * Takes an empty directory from its owner for as long as root writes into it with rights that they do not have. null:
 * this system, or this file system, does not let root do that (macOS has no path to an open directory; NFS may give
 * root no rights; it is full), or it is not what its owner made. Nothing is changed then.
 */
export async function takeDirectory(path: string, owner: Identity): Promise<TakenDirectory | null> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null;
  const directory = await openDirectory(path);
  if (directory === null) return null;
  const { uid, gid, mode } = await directory.stat();
  const close = (): Promise<void> => directory.close();
  const giveBack = async (): Promise<void> => {
    try {
      await directory.chown(uid, gid);
    } catch (error) {
      const full = diskFullCodeOf(error);
      throw full === null ? error : doesNotFit(full, `${path} cannot be given back to its owner`);
    }
  };
  if (uid !== owner.uid || (mode & 0o777) !== 0o700 || !(await isGivenToRoot(directory))) {
    await close();
    return null;
  }
  const anchored = `/proc/${process.pid}/fd/${directory.fd}`;
  if ((await readdir(anchored)).length > 0) {
    try {
      await giveBack();
    } finally {
      await close();
    }
    return null;
  }
  return { path: anchored, giveBack, close };
}

async function isGivenToRoot(directory: FileHandle): Promise<boolean> {
  try {
    await directory.chown(0, 0);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EPERM' || diskFullCodeOf(error) !== null) return false;
    throw error;
  }
}

/** null: there is none, or something else is in its place. */
async function openDirectory(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (error) {
    if (notAsMade.has(errnoOf(error) ?? '')) return null;
    throw error;
  }
}

/** The last three where the owner has mounted a FUSE file system there, which lets root in no more than anybody else. */
const notAsMade: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'EPERM', 'ENOTCONN']);
