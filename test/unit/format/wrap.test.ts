import { expect, test } from 'vitest';
import { wrapLine } from '../../../src/format/wrap.ts';

test.each<[string, string, number, number, string]>([
  ['what fits stays', '  a  b c', 8, 4, '  a  b c'],
  ['at blanks', '  one two three', 9, 4, '  one two\n    three'],
  ['a word that is too long stays whole', 'a verylongword b', 5, 2, 'a\n  verylongword\n  b'],
  ['columns of blanks are kept', '  here       a b', 14, 13, '  here       a\n             b'],
  ['nothing', '', 5, 2, ''],
])('%s', (_what, line, columns, indent, want) => {
  expect(wrapLine(line, columns, indent)).toBe(want);
});
