import { access, lstat, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RoamhomeError } from '../../errors/errors.ts';

/** `state-unusable`, or `not-root` when the reason is a missing right. */
function unusable(path: string, why: string, cause?: unknown): RoamhomeError {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  const forbidden = code === 'EACCES' || code === 'EPERM';
  return new RoamhomeError({
    code: forbidden ? 'not-root' : 'state-unusable',
    message: `cannot use ${path}: ${why}`,
    remedy: forbidden ? 'Run this as root.' : 'Remove it, or set local.stateDir to another directory.',
    cause,
  });
}

/** Runs what touches the file system under `path`; its errors become RoamhomeErrors. */
export async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RoamhomeError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    // Without a code it does not come from the file system: a bug, not to be dressed up.
    if (code === undefined) throw error;
    throw unusable(path, code, error);
  }
}

/** Makes the directory if need be: ours, and nobody else's to write. */
export async function ensurePrivate(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const stat = await lstat(path);
  if (!stat.isDirectory()) throw unusable(path, 'it is not a directory');
  if (stat.uid !== process.geteuid?.()) throw unusable(path, `it belongs to uid ${stat.uid}`);
  // Whoever can write there can remove the lock of another run, or have root write where it should not.
  if ((stat.mode & 0o022) !== 0) throw unusable(path, 'others can write in it');
}

const directoryOf = (stateDir: string, user: string): string => join(stateDir, 'locks', user);

/** Whether a lock for the user was ever taken on this machine, as far as can be seen. */
export async function wasLocked(stateDir: string, user: string): Promise<boolean> {
  return access(directoryOf(stateDir, user)).then(
    () => true,
    () => false,
  );
}

/** `<stateDir>/locks/<user>`, made if need be; ours and nobody else's to write, on each level. */
export async function lockDirectory(stateDir: string, user: string): Promise<string> {
  const directory = directoryOf(stateDir, user);
  return onDisk(directory, async () => {
    for (const path of [stateDir, dirname(directory), directory]) await ensurePrivate(path);
    return directory;
  });
}
