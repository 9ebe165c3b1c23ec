import { setMaxListeners } from 'node:events';
import { cancelledError, timedOutError } from './command-errors.ts';
import type { Argv, RunOptions } from './host.ts';

/** Why and when a command has to end early, as one signal whose reason is the RoamhomeError to reject with. */
export interface Limits {
  readonly signal: AbortSignal;
  /** The command has ended: stops the clock, forgets the caller's signal. */
  release(): void;
}

/** Joins the caller's signal and time limit with the host's own signal, which aborts when the host is closed. */
export function startLimits(argv: Argv, options: RunOptions, closing: AbortSignal): Limits {
  const { signal, timeoutMs } = options;
  const controller = new AbortController();
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          controller.abort(timedOutError(argv, timeoutMs));
        }, timeoutMs);
  // By hand: AbortSignal.any in Node 20 can lose a joined signal to the garbage collector (nodejs/node#54614).
  const sources = signal === undefined ? [closing] : [signal, closing];
  const onAbort = (): void => {
    const source = sources.find(({ aborted }) => aborted);
    controller.abort(cancelledError(argv, source?.reason));
  };
  for (const source of sources) {
    // One signal for many commands is how it is meant, not a leak: Node warns from the eleventh listener on.
    setMaxListeners(0, source);
    source.addEventListener('abort', onAbort);
  }
  if (sources.some(({ aborted }) => aborted)) onAbort();

  function release(): void {
    clearTimeout(timer);
    for (const source of sources) source.removeEventListener('abort', onAbort);
  }
  return { signal: controller.signal, release };
}

/** Awaits `promise`, but no longer than until `signal` aborts: then rejects with its reason. */
export async function orAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  signal.throwIfAborted();
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}
