import { describe, expect, test } from 'vitest';
import { thinSnapshots, type Departing } from '../../../src/zfs/commands/remove.ts';
import { parseBookmarkName, parseDatasetName, parseSnapshotName } from '../../../src/zfs/names.ts';
import { thinningProgram } from '../../../src/zfs/thinning-program.ts';

const home = parseDatasetName('data/profiles/alice');
const departing = (name: string, bookmark: string | null): Departing => ({
  snapshot: parseSnapshotName(`${home}@${name}`),
  bookmark: bookmark === null ? null : parseBookmarkName(`${home}#${bookmark}`),
});

describe('many snapshots in one command', () => {
  const { argv, input, parse, mutates } = thinSnapshots(home, [
    departing('c', 'of-c'),
    departing('-b', null),
    departing('a', 'of-a'),
  ]);

  test('names are words that cannot be taken for options, the program is its input', () => {
    expect(argv).toEqual(
      ['zfs program -j data -', home, '@c #of-c @-b - @a #of-a'].flatMap((words) => words.split(' ')),
    );
    expect(input).toBe(thinningProgram);
    expect(mutates).toBe(true);
  });

  test('a snapshot is checked, then marked, then destroyed', () => {
    expect(thinningProgram.match(/zfs\.\w+\.\w+/g)).toEqual([
      'zfs.check.destroy',
      'zfs.sync.bookmark',
      'zfs.sync.destroy',
    ]);
  });

  test.each([
    ['{"return":"0 17 2"}', [0, 17, 2]],
    ['{"return":"0 0 1039"}\n', [0, 0, 1039]],
  ])('%j says what became of each', (text, results) => {
    expect(parse(text)).toEqual(results);
  });

  test.each([
    '',
    '{}',
    '{"return":""}',
    '{"return":"0 0"}',
    '{"return":"0 0 0 0"}',
    '{"return":"0 0 -1"}',
    '{"return":"0 0  0"}',
    '{"return":{"1":0,"2":0,"3":0}}',
    '{"return":"0 0 0","more":1}',
    '{"return":"0 0 0"}\n{"return":"0 0 0"}\n',
    "Channel program fully executed with return value:\n    return: '0 0 0'\n",
  ])('%j is not understood', (text) => {
    expect(() => parse(text)).toThrow('does not understand');
  });
});
