import { expect, test } from 'vitest';
import { belowHome } from '../../../../src/homes/files/choose-paths.ts';
import { parseFolder } from '../../../../src/homes/excluded/resolve-folder.ts';

test.each([
  ['~/Downloads', 'Downloads'],
  ['/Users/alice/Downloads', 'Downloads'],
  ['Downloads', 'Downloads'],
  // Names that only begin like a home.
  ['~backup/x', '~backup/x'],
  ['/Users/alice2/x', '/Users/alice2/x'],
  ['./~/x', './~/x'],
])('%s in a home is %s', (word, want) => {
  expect(belowHome(word, '/Users/alice')).toBe(want);
});

test('a folder that is named from ~ is one of the home, and none that is called ~', () => {
  expect(parseFolder('~/Library/Caches', '/Users/alice')).toBe('Library/Caches');
});
