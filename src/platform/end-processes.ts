import { setTimeout as delay } from 'node:timers/promises';
import { RoamhomeError } from '../errors/errors.ts';
import type { Account } from './platform.ts';
import { processesOf, type ProcessEntry } from './process-list.ts';

/** How processes are seen and signalled; tests put their own in place. */
export interface ProcessControl {
  list(signal?: AbortSignal): readonly ProcessEntry[] | Promise<readonly ProcessEntry[]>;
  /** Sends the signal; a process that is gone already is no error. */
  kill(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void;
  /** Milliseconds of a clock that never jumps. */
  now(): number;
  /** Rejects when the signal is aborted. */
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** This process. */
  readonly self: number;
}

const pollMs = 50;
// A killed process is gone within milliseconds, unless it sits in the kernel: then the unmount says who is busy.
const killWaitMs = 2000;

/** The control of this machine's processes, seen through `list`. */
export function systemProcessControl(list: ProcessControl['list']): ProcessControl {
  return {
    list,
    self: process.pid,
    now: () => performance.now(),
    wait: (milliseconds, signal) => delay(milliseconds, undefined, signal === undefined ? {} : { signal }),
    kill: (pid, signal) => {
      try {
        process.kill(pid, signal);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'ESRCH') return;
        throw new RoamhomeError({
          code: code === 'EPERM' ? 'not-root' : 'command-failed',
          message: `cannot send ${signal} to process ${pid}: ${code ?? 'unknown error'}`,
          remedy: 'Run this as root.',
          cause: error,
        });
      }
    },
  };
}

/** How many processes the account has, without this one and its ancestors. */
export async function countProcesses(
  control: Pick<ProcessControl, 'list' | 'self'>,
  account: Account,
  signal?: AbortSignal,
): Promise<number> {
  return processesOf(account.uid, await control.list(signal), control.self).length;
}

/**
 * Ends the account's processes: TERM, `graceMs` for them to go, KILL for those that stay. Returns how many needed
 * KILL. Throws `cancelled` when the signal is aborted, `user-name-invalid` for root, whose processes are the system.
 */
export async function endProcesses(
  control: ProcessControl,
  account: Account,
  options: { graceMs: number; signal?: AbortSignal },
): Promise<number> {
  if (account.uid === 0) {
    throw new RoamhomeError({
      code: 'user-name-invalid',
      message: `${account.name} has uid 0: the processes of root are never ended`,
      remedy: 'Take the user out of the sync group.',
    });
  }
  const { graceMs, signal } = options;
  const remaining = async () => processesOf(account.uid, await control.list(signal), control.self);

  // Until none is left or the time is over; what starts meanwhile is sent the signal too. Returns what is left.
  const send = async (name: 'SIGTERM' | 'SIGKILL', patienceMs: number, sent: Set<number>) => {
    const until = control.now() + patienceMs;
    for (;;) {
      const left = await remaining();
      for (const { pid } of left) {
        if (!sent.has(pid)) control.kill(pid, name);
        sent.add(pid);
      }
      const rest = until - control.now();
      if (left.length === 0 || rest <= 0) return left;
      await control.wait(Math.min(pollMs, rest), signal);
    }
  };

  try {
    signal?.throwIfAborted();
    const stubborn = await send('SIGTERM', graceMs, new Set());
    if (stubborn.length === 0) return 0;
    const killed = new Set<number>();
    await send('SIGKILL', killWaitMs, killed);
    return killed.size;
  } catch (error) {
    if (error instanceof RoamhomeError || signal?.aborted !== true) throw error;
    throw new RoamhomeError({
      code: 'cancelled',
      message: `ending the processes of ${account.name} was cancelled`,
      remedy: 'Run it again.',
      retryable: true,
      cause: error,
    });
  }
}
