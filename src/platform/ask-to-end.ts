import { errnoOf } from '../host/command-errors.ts';

/** Asks another run of Roamhome to end in order (SIGTERM). One that has just ended is no failure. Throws EPERM. */
export function askToEnd(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}
