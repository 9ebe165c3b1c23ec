import type { RunOptions } from './host.ts';

export interface LimitListeners {
  onAbort(reason: unknown): void;
  /** `timeoutMs`: the limit that was reached, in milliseconds. */
  onTimeout(timeoutMs: number): void;
}

/** Watches a command's AbortSignal and time limit; call the returned function when the command has ended. */
export function watchLimits(options: RunOptions, listeners: LimitListeners): () => void {
  const { signal, timeoutMs } = options;
  const onAbort = (): void => {
    listeners.onAbort(signal?.reason);
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          listeners.onTimeout(timeoutMs);
        }, timeoutMs);
  return () => {
    signal?.removeEventListener('abort', onAbort);
    clearTimeout(timer);
  };
}
