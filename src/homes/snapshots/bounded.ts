import type { RoamhomeError } from '../../errors/errors.ts';
import { limited } from '../../sync/limited.ts';

/** What a task that was told to end may take for that. */
const endingMs = 2000;

/**
 * `limited` for a task that may not end when it is told to: a command that hangs in the kernel is left behind. Rejects with
 * `errorFor`'s error then, or with the reason of `outer`.
 */
export async function bounded<T>(
  milliseconds: number,
  outer: AbortSignal,
  errorFor: (milliseconds: number) => RoamhomeError,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return limited(milliseconds, outer, errorFor, (signal) => orLeftBehind(task(signal), signal));
}

async function orLeftBehind<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const left = new Promise<never>((_resolve, reject) => {
    const wait = (): void => {
      timer = setTimeout(() => {
        reject(signal.reason as Error);
      }, endingMs);
    };
    if (signal.aborted) wait();
    else signal.addEventListener('abort', wait, { once: true });
  });
  try {
    return await Promise.race([running, left]);
  } catch (error) {
    throw signal.aborted ? (signal.reason as Error) : error;
  } finally {
    clearTimeout(timer);
  }
}
