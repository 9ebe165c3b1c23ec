import { afterEach, beforeEach, expect, test } from 'vitest';
import { abortAtSignal, type Interruption } from '../../../../src/cli/framework/abort-at-signal.ts';
import { askToEnd } from '../../../../src/platform/ask-to-end.ts';

let interruption: Interruption;
beforeEach(() => {
  interruption = abortAtSignal();
});
afterEach(() => {
  interruption.forget();
});

/** Until the signal is aborted. */
const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });

test('a session that waits for a home ends the work on it alone', async () => {
  const first = await interruption.forOneHome(async ({ signal, hasYielded }) => {
    askToEnd(process.pid);
    await aborted(signal);
    return hasYielded();
  });
  expect(first).toBe(true);
  const second = await interruption.forOneHome(({ signal, hasYielded }) =>
    Promise.resolve([signal.aborted, hasYielded()]),
  );
  expect(second).toEqual([false, false]);
  expect(interruption.signal.aborted).toBe(false);
});

test('between two homes nothing is ended by it', async () => {
  await interruption.forOneHome(() => Promise.resolve());
  askToEnd(process.pid);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(interruption.signal.aborted).toBe(false);
  expect(await interruption.forOneHome(({ signal }) => Promise.resolve(signal.aborted))).toBe(false);
});

test('a run that works on one home alone is ended by it', async () => {
  askToEnd(process.pid);
  await aborted(interruption.signal);
  expect(interruption.signal.reason).toMatchObject({ code: 'cancelled' });
});

test('whoever stops the run stops the work on its home, which has not yielded', async () => {
  const work = interruption.forOneHome(async ({ signal, hasYielded }) => {
    process.kill(process.pid, 'SIGTERM');
    await aborted(signal);
    return hasYielded();
  });
  expect(await work).toBe(false);
  expect(interruption.signal.aborted).toBe(true);
});
