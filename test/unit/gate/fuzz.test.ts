import { expect, test } from 'vitest';
import { fuzz } from '../../support/gate/fuzz.ts';

const count = Number(process.env['ROAMHOME_FUZZED_LINES'] ?? 20_000);
const seed = Number(process.env['ROAMHOME_SEED'] ?? 5);

test(`of ${count} mutated command lines none passes the gate that an independent oracle does not take (ROAMHOME_SEED=${seed})`, () => {
  const { wrong, legal, refused } = fuzz(count, seed);
  expect(wrong).toEqual([]);
  // Neither all nor nothing: both sides were put to the test.
  expect(legal).toBeGreaterThan(count / 100);
  expect(refused).toBeGreaterThan(count / 2);
});
