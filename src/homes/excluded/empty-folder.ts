import { rename } from 'node:fs/promises';
import { RoamhomeError } from '../../errors/errors.ts';
import type { Argv } from '../../host/host.ts';
import type { Session } from '../session.ts';

/** Removes all that is in a directory, which stays as it is itself. Where nobody but root gets to. */
export async function emptyFolder(session: Session, place: string): Promise<void> {
  // Of a file with one of these flags not even root can take the name away.
  if (session.platform.kind === 'macos') await must(session, ['chflags', '-R', 'nouchg,nouappnd', place]);
  await must(session, ['find', place, '-mindepth', '1', '-delete']);
}

/** Runs a command of the system. Throws `command-failed`. */
export async function must({ local, signal }: Session, argv: Argv): Promise<void> {
  const { exitCode, stderr } = await local.host.run(argv, { signal });
  if (exitCode === 0) return;
  throw new RoamhomeError({
    code: 'command-failed',
    message: `${argv.join(' ')}: ${stderr.trim().split('\n')[0] ?? `exit code ${exitCode ?? '?'}`}`,
    remedy: 'See to what is said, and run it again: it goes on.',
  });
}

/** Gives a directory the place of an empty one, or one where there is nothing, at once (rename(2)). False: something is there. */
export async function takePlace(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR') return false;
    throw error;
  }
}
