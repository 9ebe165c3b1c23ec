import { setImmediate as turn } from 'node:timers/promises';
import { RoamhomeError } from '../../../src/errors/errors.ts';
import type { AcquireLock, Release } from '../../../src/homes/lock/lock.ts';

const locked = (): RoamhomeError =>
  new RoamhomeError({ code: 'locked', message: 'another run is at it', remedy: 'none', retryable: true });

/** A command of a Mac that may wait for another one's lock. */
interface Contender {
  readonly acquireLock: AcquireLock;
  /** Asked to end by a session that waits. */
  readonly signal: AbortSignal;
  /** True while it waits for the lock. */
  readonly isWaiting: () => boolean;
  /** Its time for waiting is over. */
  readonly giveUp: () => void;
}

/** The lock of one user on one Mac, in memory: who has it may be asked to end, and who waits may be told to go. */
export interface ModelLock {
  readonly contender: () => Contender;
  /** As Roamhome does it by a signal to the process. */
  readonly askToEnd: (pid: number) => void;
}

interface Holder {
  readonly pid: number;
  readonly what: string;
}

export function modelLock(): ModelLock {
  let holder: Holder | null = null;
  let pids = 0;
  const ending = new Map<number, AbortController>();
  const queue: (() => void)[] = [];
  const take = (pid: number, what: string): Release => {
    const own = { pid, what };
    holder = own;
    return () => {
      if (holder === own) {
        holder = null;
        queue.shift()?.();
      }
      return Promise.resolve();
    };
  };
  return {
    contender: () => {
      const pid = (pids += 1);
      const end = new AbortController();
      ending.set(pid, end);
      let waiting: { readonly reject: (error: Error) => void } | null = null;
      return {
        signal: end.signal,
        isWaiting: () => waiting !== null,
        giveUp: () => {
          waiting?.reject(locked());
        },
        acquireLock: async ({ what, waitMs, onWait }) => {
          await Promise.resolve();
          if (holder === null) return take(pid, what);
          if (waitMs === 0) throw locked();
          onWait?.({ pid: holder.pid, what: holder.what, since: '2026-11-20T06:45:00Z' });
          return new Promise<Release>((resolve, reject) => {
            const go = (): void => {
              waiting = null;
              resolve(take(pid, what));
            };
            queue.push(go);
            waiting = {
              reject: (error) => {
                waiting = null;
                queue.splice(queue.indexOf(go), 1);
                reject(error);
              },
            };
          });
        },
      };
    },
    askToEnd: (pid) => {
      ending.get(pid)?.abort(new Error('asked to end'));
    },
  };
}

/** Turns of the event loop after which a command that runs nothing more has come as far as it can. */
const quietTurns = 30;

/** Until a run has ended, or waits for the lock and has done all that it does meanwhile. */
export async function untilItWaits(
  run: Promise<unknown>,
  contender: Contender,
  commandsRun: () => number,
): Promise<void> {
  const state = { isDone: false };
  const end = (): void => {
    state.isDone = true;
  };
  run.then(end, end);
  for (let quiet = 0, last = -1; !state.isDone && quiet < quietTurns; quiet += 1) {
    await turn();
    const now = commandsRun();
    if (!contender.isWaiting() || now !== last) quiet = 0;
    last = now;
  }
}
