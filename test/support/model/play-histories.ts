import fc from 'fast-check';
import { test } from 'vitest';
import { histories, play, type History } from './history.ts';

/** One history to play alone, as a failure prints it. */
export const given = process.env['ROAMHOME_HISTORY'];

/**
 * ROAMHOME_HISTORIES: so many, new ones every time, to look for what nobody has found yet. Without it the same are played
 * every time: a check must not fail for what its change has nothing to do with. `npm run check` plays the first of those that
 * scripts/test plays.
 */
const wanted = process.env['ROAMHOME_HISTORIES'];
const always = process.env['ROAMHOME_FULL'] === '1' ? 2000 : 400;

/** Of so many files each plays its part: side by side they take half of the time. */
const files = 2;

/** A test that plays a file's part of the histories; those of another seed are others. */
export function testHistories(seed: number): void {
  const numRuns = Math.ceil(Number(wanted ?? always) / files);
  const chosen = wanted === undefined ? { numRuns, seed } : { numRuns };
  test.runIf(given === undefined)(
    `nothing is lost in any of ${numRuns} histories of three Macs and a server`,
    { timeout: 3_600_000 },
    async () => {
      report(await fc.check(fc.asyncProperty(histories, play), chosen));
    },
  );
}

/** Fails where one did, and says how to play the smallest failing history again. */
function report(details: fc.RunDetails<[History]>): void {
  if (!details.failed) return;
  const [history] = details.counterexample ?? [];
  const why = details.errorInstance instanceof Error ? details.errorInstance.message : '';
  throw new Error(
    `after ${details.numRuns} histories (seed ${details.seed}):\n${why}\n` +
      `to play it again: ROAMHOME_HISTORY='${JSON.stringify(history)}' npx vitest run --project unit nothing-lost`,
    { cause: details.errorInstance },
  );
}
