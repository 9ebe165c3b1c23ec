import { spawn } from 'node:child_process';
import type { Argv } from './host.ts';

/** A program that goes on by itself: nobody waits for it, and it keeps nobody. */
export interface DetachedProgram {
  /** False once it has ended, or could not be started. */
  isRunning(): boolean;
  /** At once, also when it is stopped. */
  kill(): void;
}

/** Starts it with a minimal environment, and nothing to read from or write to. `argv[0]` is a path. */
export function startDetached([program, ...words]: Argv): DetachedProgram {
  const child = spawn(program, words, {
    detached: true,
    stdio: 'ignore',
    cwd: '/',
    env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin' },
  });
  let isRunning = true;
  const ended = (): void => {
    isRunning = false;
  };
  child.once('exit', ended);
  // What cannot be started tells it by this event alone.
  child.once('error', ended);
  child.unref();
  return {
    isRunning: () => isRunning,
    kill: () => {
      if (isRunning) child.kill('SIGKILL');
    },
  };
}
