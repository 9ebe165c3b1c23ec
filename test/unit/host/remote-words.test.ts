import { expect, test } from 'vitest';
import type { Argv } from '../../../src/host/host.ts';
import { remoteCommand } from '../../../src/host/remote-words.ts';

test.each<[string, Argv, string]>([
  ['a list', ['zfs', 'list', '-Hp', '-o', 'name,guid'], 'zfs list -Hp -o name,guid'],
  ['a snapshot', ['zfs', 'send', '-i', 'tank/a@b', 'tank/a@c'], 'zfs send -i tank/a@b tank/a@c'],
  [
    'a bookmark with its dataset',
    ['zfs', 'send', '-i', 'tank/a#b', 'tank/a@c'],
    'zfs send -i tank/a#b tank/a@c',
  ],
  ['a property', ['zfs', 'set', 'roamhome:session=mac7', 'tank/a'], 'zfs set roamhome:session=mac7 tank/a'],
  ['a partial receive', ['zfs', 'list', 'tank/a/%recv'], 'zfs list tank/a/%recv'],
  ['zfs alone', ['zfs'], 'zfs'],
])('passes %s', (_name, argv, line) => {
  expect(remoteCommand(argv)).toBe(line);
});

test.each<[string, Argv, string]>([
  ['another program', ['zpool', 'list'], '"zpool"'],
  ['a path to zfs', ['/usr/sbin/zfs', 'list'], '"/usr/sbin/zfs"'],
  ['an empty word', ['zfs', 'list', ''], '""'],
  ['a space', ['zfs', 'list', 'tank/a b'], '"tank/a b"'],
  ['a newline at the end', ['zfs', 'list', 'tank/a\n'], '"tank/a\\n"'],
  ['a tab', ['zfs', 'list', 'tank\ta'], '"tank\\ta"'],
  ['a quote', ['zfs', 'list', "tank/o'neil"], '"tank/o\'neil"'],
  ['a semicolon', ['zfs', 'list', 'a;id'], '"a;id"'],
  ['an ampersand', ['zfs', 'list', 'a&&id'], '"a&&id"'],
  ['a variable', ['zfs', 'list', '$HOME'], '"$HOME"'],
  ['a home', ['zfs', 'list', '~'], '"~"'],
  ['a letter outside ASCII', ['zfs', 'list', 'tank/zoë'], '"tank/zoë"'],
  ['a comment', ['zfs', 'send', '-i', '#b', 'tank/a@c'], '"#b"'],
  ['what zsh looks up', ['zfs', 'list', '=ls'], '"=ls"'],
])('refuses %s', (_name, argv, named) => {
  expect(() => remoteCommand(argv)).toThrow(
    expect.objectContaining({ code: 'name-invalid', message: expect.stringContaining(named) as string }),
  );
});
