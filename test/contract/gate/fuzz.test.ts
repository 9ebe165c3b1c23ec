import { expect, test } from 'vitest';
import { fuzz } from '../../support/gate/fuzz.ts';

const count = Number(process.env['ROAMHOME_FUZZED_LINES'] ?? 1_000_000);
const seed = Number(process.env['ROAMHOME_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

test(`${count} fuzzed command lines, ROAMHOME_SEED=${seed}`, { timeout: 600_000 }, () => {
  const { wrong, legal } = fuzz(count, seed);
  expect(wrong).toEqual([]);
  expect(legal).toBeGreaterThan(count / 100);
});
