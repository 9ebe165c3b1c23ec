import { describe, expect, test } from 'vitest';
import { getBookmarkGuid } from '../../../src/zfs/commands/bookmark.ts';
import { parseBookmarkName } from '../../../src/zfs/names.ts';

describe('what a bookmark is of', () => {
  const { parse } = getBookmarkGuid(parseBookmarkName('data/profiles/alice#a'));

  test('beyond what a number holds', () => {
    expect(parse('18446744073709551615\n')).toBe('18446744073709551615');
  });

  test.each(['', '-\n', '1\n2\n', 'guid\n'])('%j is not understood', (text) => {
    expect(() => parse(text)).toThrow('does not understand');
  });
});
