import { expect, test } from 'vitest';
import { asideName } from '../../../../src/homes/files/aside-name.ts';

test.each([
  ['novel.txt', 'novel (before).txt'],
  ['novel', 'novel (before)'],
  ['.profile', '.profile (before)'],
  ['archive.tar.gz', 'archive.tar (before).gz'],
  ['Dr. No', 'Dr. No (before)'],
  ['..hidden', '..hidden (before)'],
  ['two\nlines.txt', 'two\nlines (before).txt'],
  ['e\u0301te\u0301.txt', 'e\u0301te\u0301 (before).txt'],
  [`${'x'.repeat(251)}.txt`, `${'x'.repeat(242)} (before).txt`],
  // Never half of a character.
  ['é'.repeat(127), `${'é'.repeat(123)} (before)`],
  ['😀'.repeat(63), `${'😀'.repeat(61)} (before)`],
])('%j is kept as %j', (name, want) => {
  expect(asideName(name, 'before')).toBe(want);
  expect(Buffer.byteLength(asideName(name, 'before'))).toBeLessThanOrEqual(255);
});
