import { RoamhomeError } from '../errors/errors.ts';

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Aborts at the first signal; a second one has its usual effect. `forget` takes the listeners away. */
export function abortAtSignal(): { signal: AbortSignal; forget: () => void } {
  const abort = new AbortController();
  const stop = (name: NodeJS.Signals) => {
    // Only now it stops listening: execa, while it runs a command, ends this process at a signal that it alone listens to.
    if (abort.signal.aborted) {
      forget();
      process.kill(process.pid, name);
      return;
    }
    abort.abort(
      new RoamhomeError({
        code: 'cancelled',
        message: `stopped by ${name}`,
        remedy: 'Run it again: it goes on where it was stopped.',
        retryable: true,
      }),
    );
  };
  const forget = () => {
    for (const name of stopSignals) process.off(name, stop);
  };
  for (const name of stopSignals) process.on(name, stop);
  return { signal: abort.signal, forget };
}
