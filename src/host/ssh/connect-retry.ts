import { setTimeout as delay } from 'node:timers/promises';
import pRetry from 'p-retry';

/**
 * The server dropped the connection before the login was through. sshd does this at random under load (MaxStartups
 * 10:30:100 by default), so the attempt is worth repeating; nothing else that fails before a login is.
 */
export class DroppedEarly extends Error {
  override readonly name = 'DroppedEarly';
}

/** Repeats an attempt that was dropped early, with growing and random pauses, until the signal aborts. */
export function retryDropped<T>(
  attempt: () => Promise<T>,
  { random, signal }: { readonly random: () => number; readonly signal: AbortSignal },
): Promise<T> {
  return pRetry(attempt, {
    retries: Number.POSITIVE_INFINITY,
    // The pause is made here: p-retry's own takes its randomness from Math.random.
    minTimeout: 0,
    signal,
    shouldRetry: ({ error }) => error instanceof DroppedEarly,
    onFailedAttempt: async ({ error, attemptNumber }) => {
      if (error instanceof DroppedEarly) await pause(retryDelayMs(attemptNumber, random), signal);
    },
  });
}

/** Milliseconds before the next attempt: 100 ms doubled each time up to 2 s, of which half is random. */
export function retryDelayMs(attemptNumber: number, random: () => number): number {
  const full = Math.min(2000, 100 * 2 ** (attemptNumber - 1));
  return Math.round(full * (0.5 + random() / 2));
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    // Node wraps the reason in an AbortError of its own.
    signal.throwIfAborted();
    throw error;
  }
}
