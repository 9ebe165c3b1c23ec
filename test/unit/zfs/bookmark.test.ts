import { describe, expect, test } from 'vitest';
import { bookmarkProgram } from '../../../src/zfs/bookmark-program.ts';
import { bookmarkAll, getBookmarkGuid } from '../../../src/zfs/commands/bookmark.ts';
import { parseBookmarkName, parseSnapshotName } from '../../../src/zfs/names.ts';

const home = 'data/profiles/alice';
const pair = (name: string) => ({
  snapshot: parseSnapshotName(`${home}@${name}`),
  bookmark: parseBookmarkName(`${home}#${name}`),
});

describe('issue 4: many bookmarks in one command', () => {
  const { argv, input, parse } = bookmarkAll([pair('a'), pair('b'), pair('c')]);

  test('issue 4: names are words, the program is its input', () => {
    const words = ['a', 'b', 'c'].flatMap((name) => [`${home}@${name}`, `${home}#${name}`]);
    expect(argv).toEqual(['zfs', 'program', '-j', 'data', '-', ...words]);
    expect(input).toBe(bookmarkProgram);
  });

  test.each([
    ['{"return":"0 17 2"}', [0, 17, 2]],
    ['{"return":"0 0 1039"}\n', [0, 0, 1039]],
  ])('issue 4: %j says what became of each', (text, results) => {
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
  ])('issue 4: %j is not understood', (text) => {
    expect(() => parse(text)).toThrow('does not understand');
  });
});

describe('what a bookmark is of', () => {
  const { parse } = getBookmarkGuid(pair('a').bookmark);

  test('beyond what a number holds', () => {
    expect(parse('18446744073709551615\n')).toBe('18446744073709551615');
  });

  test.each(['', '-\n', '1\n2\n', 'guid\n'])('%j is not understood', (text) => {
    expect(() => parse(text)).toThrow('does not understand');
  });
});
