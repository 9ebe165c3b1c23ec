import type { RoamhomeError } from '../errors/errors.ts';

/** What a task that was told to end may take for that. */
const endingMs = 2000;

/**
 * Runs a task with a signal that aborts with `outer`, or after the time. Unlike `limited` it does not wait for a task that
 * then does not end: a command that hangs in the kernel is left behind. Rejects with `errorFor`'s error then.
 */
export async function bounded<T>(
  milliseconds: number,
  outer: AbortSignal,
  errorFor: (milliseconds: number) => RoamhomeError,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  let giveUp!: (reason: unknown) => void;
  const left = new Promise<never>((_resolve, reject) => {
    giveUp = reject;
  });
  const end = (reason: unknown): void => {
    if (controller.signal.aborted) return;
    controller.abort(reason);
    timers.push(
      setTimeout(() => {
        giveUp(reason);
      }, endingMs),
    );
  };
  const onAbort = (): void => {
    end(outer.reason);
  };
  outer.addEventListener('abort', onAbort, { once: true });
  if (outer.aborted) onAbort();
  timers.push(
    setTimeout(() => {
      end(errorFor(milliseconds));
    }, milliseconds),
  );
  const running = task(controller.signal);
  // Left behind, its end is nobody's concern.
  running.catch(() => undefined);
  try {
    return await Promise.race([running, left]);
  } catch (error) {
    throw controller.signal.aborted ? (controller.signal.reason as Error) : error;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    outer.removeEventListener('abort', onAbort);
  }
}
