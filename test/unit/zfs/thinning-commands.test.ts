import { describe, expect, test } from 'vitest';
import { listHolds } from '../../../src/zfs/commands/holds.ts';
import { listGuids } from '../../../src/zfs/commands/list-guids.ts';
import { reclaim } from '../../../src/zfs/commands/reclaim.ts';
import { parseSnapshotName, type DatasetName } from '../../../src/zfs/names.ts';

const home = 'data/profiles/alice' as DatasetName;
const names = ['a', 'b'].map((short) => parseSnapshotName(`${home}@${short}`));

describe('the space that is freed', () => {
  const { argv, parse } = reclaim(home, names);

  test('nothing is destroyed by asking', () => {
    expect(argv).toEqual(['zfs', 'destroy', '-nvp', `${home}@a,b`]);
  });

  test('beyond what a number holds', () => {
    expect(parse(`destroy\t${home}@a\ndestroy\t${home}@b\nreclaim\t9007199254740993\n`)).toBe(
      9007199254740993n,
    );
  });

  test.each(['', `destroy\t${home}@a\n`, 'reclaim\t5K\n', 'would reclaim 0B\n'])(
    '%j is not understood',
    (text) => {
      expect(() => parse(text)).toThrow('does not understand');
    },
  );
});

describe('holds', () => {
  const { parse } = listHolds(names);

  test('with their tags', () => {
    expect(parse(`${home}@a\tkeep\tFri Nov 20 06:45 2026\n`)).toEqual([{ snapshot: names[0], tag: 'keep' }]);
  });

  test.each(['data@a\tkeep\n', 'data@a\tkeep\tnow\tmore\n', '\n'])('%j is not understood', (text) => {
    expect(() => parse(text)).toThrow('does not understand');
  });
});

describe('guids by dataset', () => {
  const { argv, parse } = listGuids([home, 'data/profiles/bob' as DatasetName]);

  test('of several homes at once', () => {
    expect(argv.slice(-3)).toEqual(['-r', home, 'data/profiles/bob']);
    const found = parse(`${home}@a\t18446744073709551615\n${home}#a\t2\n${home}/mail@a\t3\n`);
    expect([...found].map(([name, guids]) => [name, [...guids]])).toEqual([
      [home, ['18446744073709551615', '2']],
      [`${home}/mail`, ['3']],
    ]);
  });

  test.each([`${home}\t1\n`, `${home}@a\n`, `${home}@a\t-\n`, 'note\n'])('%j is not understood', (text) => {
    expect(() => parse(text)).toThrow();
  });
});
