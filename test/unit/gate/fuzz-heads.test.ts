import { expect, test } from 'vitest';
import { fuzzHeads } from '../../support/gate/fuzz-heads.ts';

const count = Number(process.env['ROAMHOME_FUZZED_HEADS'] ?? 20_000);
const seed = Number(process.env['ROAMHOME_SEED'] ?? 5);

test(
  `of ${count} mutated heads of streams none passes that an independent oracle does not take (ROAMHOME_SEED=${seed})`,
  { timeout: 600_000 },
  () => {
    const { wrong, legal, refused } = fuzzHeads(count, seed);
    expect(wrong).toEqual([]);
    // Neither all nor nothing: both sides were put to the test.
    expect(legal).toBeGreaterThan(count / 100);
    expect(refused).toBeGreaterThan(count / 2);
  },
);
