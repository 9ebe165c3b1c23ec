import { describe, expect, test } from 'vitest';
import { cases } from '../../contract/zfs/cases.ts';
import { readRecording } from '../../contract/zfs/recording.ts';
import { runSimulated } from '../../contract/zfs/simulated.ts';

const recording = readRecording();

// Without a recording there is nothing to compare with: RECORD=1 of test/e2e/zfs-contract.test.ts makes one in the lab.
describe.skipIf(recording === null)('the simulator prints what OpenZFS 2.3.2 printed', () => {
  test.each(cases)('$name', async (each) => {
    expect(await runSimulated(each)).toEqual(recording?.[each.name]);
  });
});

test('every case runs to its end', async () => {
  for (const each of cases) expect((await runSimulated(each)).length).toBeGreaterThan(0);
});
