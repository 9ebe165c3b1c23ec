import { expect, test } from 'vitest';
import { planTend } from '../../../../src/homes/tending/plan-tend.ts';
import type { DatasetName } from '../../../../src/zfs/names.ts';
import { dataset } from '../../../support/sync/homes.ts';

test('a merged branch goes whether or not another, whose name begins with its own, still waits', () => {
  const branch = (name: string, words: string) => {
    const {
      path: _path,
      change: _change,
      partial: _partial,
      ...plain
    } = dataset(name as DatasetName, '', words);
    return { ...plain, properties: { 'roamhome:conflict': 'alice' } };
  };
  const { compare } = planTend(
    {
      homes: [branch('data/profiles/alice', '@a:1 @x:2')],
      conflicts: [
        branch('data/conflicts/alice-mac7-then', '@x:2'),
        branch('data/conflicts/alice-mac7-then-77', '@z:9'),
      ],
      removed: [],
      programs: [],
      homesRoot: 'data/profiles' as DatasetName,
      conflictsRoot: 'data/conflicts' as DatasetName,
    },
    {},
    {},
    { now: 0, idleMs: 1, longestMs: 1, markOf: (token) => token },
  );
  expect(compare.map((merged) => merged.branch)).toEqual(['data/conflicts/alice-mac7-then']);
});
