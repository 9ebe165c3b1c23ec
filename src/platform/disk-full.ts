import { constants } from 'node:os';

/** What a program says where a disk or a quota is full; null: it was something else. GNU tar tells of a short write first. Pure. */
export function diskFullCode(stderr: string): 'no-space' | 'quota-exceeded' | null {
  if (/[Qq]uota exceeded/.test(stderr)) return 'quota-exceeded';
  return /No space left|Wrote only \d+ of \d+ bytes/.test(stderr) ? 'no-space' : null;
}

/** The same of what a system call failed with. Node has no name for every errno. Pure. */
export function diskFullCodeOf(error: unknown): 'no-space' | 'quota-exceeded' | null {
  const { errno } = error as NodeJS.ErrnoException;
  if (errno === -constants.errno.EDQUOT) return 'quota-exceeded';
  return errno === -constants.errno.ENOSPC ? 'no-space' : null;
}
