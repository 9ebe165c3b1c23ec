import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import { foundHistories } from './model/found-histories.ts';
import { histories, play, type History } from './model/history.ts';

// Errors are how zfs says no, thousands of times here; collecting stacks for them would take a third of the time.
const { stackTraceLimit } = Error;
beforeAll(() => {
  Error.stackTraceLimit = 0;
});
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

/**
 * How many histories, new ones every time, to look for what nobody has found yet. Without it the same 2,000 are
 * played every time: a check must not fail for what its change has nothing to do with.
 */
const wanted = process.env['ROAMHOME_HISTORIES'];
const chosen = wanted === undefined ? { numRuns: 2000, seed: 20261120 } : { numRuns: Number(wanted) };

/** One history to play alone, as a failure prints it. */
const given = process.env['ROAMHOME_HISTORY'];

test.runIf(given === undefined)(
  'issue 3, 1: nothing is lost in any history of three Macs and a server',
  { timeout: 3_600_000 },
  async () => {
    await fc.assert(fc.asyncProperty(histories, play), { ...chosen, reporter });
  },
);

/** Says how to play the smallest failing history again. */
function reporter(details: fc.RunDetails<[History]>): void {
  if (!details.failed) return;
  const [history] = details.counterexample ?? [];
  const why = details.errorInstance instanceof Error ? details.errorInstance.message : '';
  throw new Error(
    `after ${details.numRuns} histories (seed ${details.seed}):\n${why}\n` +
      `to play it again: ROAMHOME_HISTORY='${JSON.stringify(history)}' npx vitest run --project unit nothing-lost`,
    { cause: details.errorInstance },
  );
}

test.runIf(given !== undefined)('issue 3, 1: the history of ROAMHOME_HISTORY', async () => {
  await play(JSON.parse(given ?? '') as History);
});

test.each(foundHistories)('issue 3, 1: a history that has failed: %s', async (_what, history) => {
  await play(history);
});
