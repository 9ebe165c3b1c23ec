import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import { histories, play, type History } from './model/history.ts';

// Errors are how zfs says no, thousands of times here; collecting stacks for them would take a third of the time.
const { stackTraceLimit } = Error;
beforeAll(() => {
  Error.stackTraceLimit = 0;
});
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

const runs = Number(process.env['ROAMHOME_HISTORIES'] ?? 2000);

test('1: nothing is lost in any history of three Macs and a server', { timeout: 3_600_000 }, async () => {
  await fc.assert(fc.asyncProperty(histories, play), { numRuns: runs, reporter });
});

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

const given = process.env['ROAMHOME_HISTORY'];
test.runIf(given !== undefined)('1: the history of ROAMHOME_HISTORY', async () => {
  await play(JSON.parse(given ?? '') as History);
});
