import { chmod, lstat, mkdir, readFile, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RoamhomeError } from '../errors/errors.ts';
import { replaceFile } from '../host/replace-file.ts';
import type { FoundFile } from './plan-install.ts';
import type { WantedFile } from './wanted.ts';

/** The places of the system that installing looks at and writes to. */
export interface SystemFiles {
  /** Null when there is nothing. A link is no file of ours: it is told apart by not being root's. */
  read(path: string): Promise<FoundFile | null>;
  /** Whether there is such a directory. Throws `state-unusable` for one that others than root can write in. */
  hasDirectory(path: string): Promise<boolean>;
  /** Whole or not at all; root's, with its mode from the start. */
  write(file: WantedFile): Promise<void>;
  remove(path: string): Promise<void>;
  makeDirectory(path: string, mode: number): Promise<void>;
  /** Leaves one that is not empty. */
  removeDirectory(path: string): Promise<void>;
}

/** This machine's, all below `root`: '' but in tests. */
export function systemFiles(root: string): SystemFiles {
  const at = (path: string): string => (root === '' ? path : join(root, path));
  return {
    read: (path) => onDisk(path, () => read(at(path))),
    hasDirectory: (path) => onDisk(path, () => hasDirectory(at(path))),
    write: ({ path, text, mode }) =>
      onDisk(path, async () => {
        // Debian has /etc/systemd/system, not every Mac /etc/newsyslog.d.
        await mkdir(dirname(at(path)), { recursive: true, mode: 0o755 });
        await replaceFile(at(path), text, { mode, owner: { uid: 0, gid: 0 } });
      }),
    remove: (path) => onDisk(path, () => rm(at(path), { force: true })),
    makeDirectory: (path, mode) =>
      onDisk(path, async () => {
        await mkdir(at(path), { recursive: true, mode });
        // The umask may have taken from it.
        await chmod(at(path), mode);
      }),
    removeDirectory: (path) =>
      onDisk(path, () =>
        rmdir(at(path)).catch((error: unknown) => {
          const { code } = error as NodeJS.ErrnoException;
          if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
        }),
      ),
  };
}

async function read(path: string): Promise<FoundFile | null> {
  try {
    const found = await lstat(path);
    if (!found.isFile()) return { text: '', mode: 0, isRoots: false };
    const isRoots = found.uid === 0 && found.gid === 0;
    return { text: await readFile(path, 'utf8'), mode: found.mode & 0o7777, isRoots };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Root runs what is in it, or acts on it. */
async function hasDirectory(path: string): Promise<boolean> {
  try {
    const found = await lstat(path);
    if (found.isDirectory() && found.uid === 0 && (found.mode & 0o022) === 0) return true;
    throw new RoamhomeError({
      code: 'state-unusable',
      message: `${path} is ${found.isDirectory() ? 'a directory that others than root can write in' : 'no directory'}`,
      remedy: found.isDirectory()
        ? `Look at what is in it; then \`chown root ${path}\` and \`chmod go-w ${path}\`.`
        : 'Move it away, and run this again.',
    });
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof RoamhomeError || code === undefined) throw error;
    throw new RoamhomeError({
      code: 'state-unusable',
      message: `${path}: ${code}`,
      remedy: 'Make room, or correct what is in the way there, and run this again.',
      cause: error,
    });
  }
}
