import { lstat, realpath } from 'node:fs/promises';
import { dirname, isAbsolute } from 'node:path';
import { RoamhomeError } from '../../errors/errors.ts';
import type { Identity } from '../../host/local.ts';
import type { FileTree } from './file-tree.ts';

const root: Identity = { uid: 0, gid: 0 };

/**
 * With whose rights files are written into a folder: with root's, owners and all, where nobody else can change the way
 * to it; else with the user's.
 */
export async function writerOf(folder: string, user: Identity): Promise<Identity> {
  const top = await existing(folder);
  for (let path = top; ; path = dirname(path)) {
    const { uid, mode } = await lstat(path);
    // In a sticky directory others can add, but not rename what is root's; the folder itself must not be such a one.
    const isShared = (mode & 0o022) !== 0 && ((mode & 0o1000) === 0 || path === top);
    if (uid !== 0 || isShared) return user;
    if (path === '/') return root;
  }
}

/** A folder as what a conflict is compared with. */
export async function folderTree(folder: string): Promise<FileTree> {
  return { mounts: new Map([['', await existing(folder)]]), apart: new Map() };
}

/** Where the folder really is. Throws `usage` where there is none. */
async function existing(folder: string): Promise<string> {
  const wrong = (why: string): RoamhomeError =>
    new RoamhomeError({
      code: 'usage',
      message: `--to ${JSON.stringify(folder)}: ${why}`,
      remedy: 'Give the absolute path of a folder that is there; make it first if need be.',
    });
  if (!isAbsolute(folder)) throw wrong('no absolute path');
  try {
    const path = await realpath(folder);
    if (!(await lstat(path)).isDirectory()) throw wrong('no folder');
    return path;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof RoamhomeError || code === undefined) throw error;
    throw wrong(code);
  }
}
