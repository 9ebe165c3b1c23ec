import { expect, test } from 'vitest';
import { shellWord } from '../../../src/host/shell-word.ts';

test.each([
  ['/etc/roamhome/known_hosts', '/etc/roamhome/known_hosts'],
  ['/Library/Application Support/id', "'/Library/Application Support/id'"],
  ['[server]:2222', "'[server]:2222'"],
  ["o'neil", "'o'\\''neil'"],
  ['', "''"],
  // zsh would look for a program ls.
  ['=ls', "'=ls'"],
])('%s is typed as %s', (word, typed) => {
  expect(shellWord(word)).toBe(typed);
});
