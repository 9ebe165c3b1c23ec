/**
 * Runs a task with a signal that aborts with `outer`, or after the time; then rejects with `errorFor`'s error,
 * whatever the task says of its end. The task is waited for: it is for the task to heed the signal.
 */
export async function limited<T>(
  milliseconds: number,
  outer: AbortSignal,
  errorFor: (milliseconds: number) => Error,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  // Not AbortSignal.any: in Node 20 it can lose a joined signal to the garbage collector (nodejs/node#54614).
  const controller = new AbortController();
  const onAbort = (): void => {
    controller.abort(outer.reason);
  };
  outer.addEventListener('abort', onAbort, { once: true });
  if (outer.aborted) onAbort();
  const late: { error?: Error } = {};
  const timer = setTimeout(() => {
    late.error = errorFor(milliseconds);
    controller.abort(late.error);
  }, milliseconds);
  try {
    return await task(controller.signal);
  } catch (error) {
    throw late.error ?? error;
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', onAbort);
  }
}
