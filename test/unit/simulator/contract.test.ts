import { describe, expect, test } from 'vitest';
import { cases } from '../../contract/zfs/cases.ts';
import { readRecording } from '../../contract/zfs/recording.ts';
import { runSimulated } from '../../contract/zfs/simulated.ts';

const recording = readRecording();

const why = 'skipped: nothing is recorded; RECORD=1 with test/e2e/zfs-contract.test.ts records it in the lab';

describe.skipIf(recording === null)(
  `the simulator prints what OpenZFS 2.3.2 printed${recording === null ? ` (${why})` : ''}`,
  () => {
    test.each(cases)('$name', async (each) => {
      expect(await runSimulated(each)).toEqual(recording?.[each.name]);
    });
  },
);

test('every case runs to its end', async () => {
  for (const each of cases) expect((await runSimulated(each)).length).toBeGreaterThan(0);
});
