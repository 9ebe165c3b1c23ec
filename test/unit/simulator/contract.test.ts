import { describe, expect, test } from 'vitest';
import { cases } from '../../contract/zfs/cases.ts';
import { readRecording } from '../../contract/zfs/recording.ts';
import { runSimulated } from '../../contract/zfs/simulated.ts';

const recording = readRecording();

/** Bugs of the simulator that are known and not yet mended: a case that no longer differs fails here. */
const differing: ReadonlySet<string> = new Set([
  'create',
  'set and inherit',
  'list',
  'snapshots and bookmarks',
  'destroy lists and ranges',
  'holds',
  'rollback',
  'mounts and what they write',
  'a rollback after the first mount',
  'remounts, and datasets below',
  'diff',
  'rename, clone, promote: set aside',
  'push and pull',
  'from a bookmark',
  'a conflict branch',
  'a first transfer cut short',
  'a resume whose snapshot is gone',
  'what a receive refuses',
  'append only',
]);

describe('the simulator prints what OpenZFS 2.3.2 printed', () => {
  test.each(cases.filter(({ name }) => !differing.has(name)))('$name', async (each) => {
    expect(recording?.[each.name]).toBeDefined();
    expect(await runSimulated(each)).toEqual(recording?.[each.name]);
  });

  test.fails.each(cases.filter(({ name }) => differing.has(name)))('not yet: $name', async (each) => {
    expect(await runSimulated(each)).toEqual(recording?.[each.name]);
  });
});

test('every case runs to its end', async () => {
  for (const each of cases) expect((await runSimulated(each)).length).toBeGreaterThan(0);
});
