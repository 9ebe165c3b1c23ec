import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { RoamhomeError } from '../../errors/errors.ts';
import { parseRunStatus, type RunStatus } from './run-status.ts';

/** A status file has some hundred bytes, and its warnings. */
const mostBytes = 64 * 1024;

/**
 * A user's status file; null: there is none. Throws `file-unreadable` for one that others than root and the user can have
 * put there: what is shown in Roamhome's name is what Roamhome said.
 */
export async function readStatus(path: string): Promise<RunStatus | null> {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { uid, mode, size } = await handle.stat();
      const isPlain = (mode & 0o170000) === 0o100000 && (mode & 0o022) === 0 && size <= mostBytes;
      if (!isPlain || (uid !== 0 && uid !== process.geteuid?.())) throw new Error('it is no file of root’s');
      return parseRunStatus(await handle.readFile('utf8'));
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new RoamhomeError({
      code: 'file-unreadable',
      message: `${path} cannot be read as the state of a run: ${cause instanceof Error ? cause.message : String(cause)}`,
      remedy: 'Look at progress.statusDir; the next run writes the file anew.',
      cause,
    });
  }
}
