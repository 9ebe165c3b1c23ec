import { RoamhomeError } from '../../errors/errors.ts';
import { yieldSignal } from '../../platform/ask-to-end.ts';

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What a process makes of signals. */
export interface Interruption {
  /** Aborted at the first of SIGINT, SIGTERM and SIGHUP; a second one has its usual effect. */
  readonly signal: AbortSignal;
  /**
   * Work on one home of several. A login or a logout that waits for that home ends this work alone; `hasYielded` says
   * whether it did. The run goes on with the other homes. Of a run that calls this never, all is ended.
   */
  readonly forOneHome: <T>(work: (home: HomeSignal) => Promise<T>) => Promise<T>;
  /** Takes the listeners away. */
  readonly forget: () => void;
}

export interface HomeSignal {
  readonly signal: AbortSignal;
  readonly hasYielded: () => boolean;
}

export function abortAtSignal(): Interruption {
  const all = new AbortController();
  /** Whom a session that waits ends: the whole run, or the home that is worked on; null: nothing at the moment. */
  let yielding: AbortController | null = all;
  const stop = (name: NodeJS.Signals) => {
    // Only now it stops listening: execa, while it runs a command, ends this process at a signal that it alone listens to.
    if (all.signal.aborted) {
      forget();
      process.kill(process.pid, name);
      return;
    }
    all.abort(stopped(`stopped by ${name}`));
  };
  const giveWay = (): void => {
    yielding?.abort(stopped('a login or a logout of this user was waiting'));
  };
  const forget = () => {
    for (const name of stopSignals) process.off(name, stop);
    process.off(yieldSignal, giveWay);
  };
  for (const name of stopSignals) process.on(name, stop);
  process.on(yieldSignal, giveWay);

  const forOneHome: Interruption['forOneHome'] = async (work) => {
    const own = new AbortController();
    // Not AbortSignal.any: in Node 20 it can lose a joined signal to the garbage collector (nodejs/node#54614).
    const onAbort = (): void => {
      own.abort(all.signal.reason);
    };
    all.signal.addEventListener('abort', onAbort, { once: true });
    if (all.signal.aborted) onAbort();
    yielding = own;
    try {
      return await work({
        signal: own.signal,
        hasYielded: () => own.signal.aborted && !all.signal.aborted,
      });
    } finally {
      yielding = null;
      all.signal.removeEventListener('abort', onAbort);
    }
  };
  return { signal: all.signal, forOneHome, forget };
}

function stopped(message: string): RoamhomeError {
  return new RoamhomeError({
    code: 'cancelled',
    message,
    remedy: 'Run it again: it continues where it was stopped.',
    retryable: true,
  });
}
