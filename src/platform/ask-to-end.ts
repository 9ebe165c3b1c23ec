import { errnoOf } from '../host/command-errors.ts';

/** Asks a run to end its work on the home that it has locked. SIGTERM asks it to end all, SIGUSR1 is the debugger's. */
export const yieldSignal = 'SIGUSR2';

/** Asks another run of Roamhome to end its work on a home in order. One that has just ended is no failure. Throws EPERM. */
export function askToEnd(pid: number): void {
  try {
    process.kill(pid, yieldSignal);
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}
