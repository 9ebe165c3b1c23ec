import { describe, expect, test } from 'vitest';
import { describeChange, detailsOf } from '../../../src/provision/describe-change.ts';
import type { Change, WantedText } from '../../../src/provision/task.ts';

const file: WantedText = { path: '/etc/x', text: 'one\n\ntwo\n', mode: 0o600, owner: 'root' };
const account = { user: 'sync', group: 'staff' };

describe('a change as a dry run shows it', () => {
  test.each<[string, Change, string[]]>([
    [
      'a command, as one would type it',
      { kind: 'run', does: 'make the user x', argv: ['useradd', '--comment', 'a b', 'x'] },
      ['make the user x', "useradd --comment 'a b' x"],
    ],
    [
      'what a command reads is not shown',
      { kind: 'run', does: 'set a password', argv: ['chpasswd'], input: 'secret' },
      ['set a password', 'chpasswd'],
    ],
    [
      'a new file, whole',
      { kind: 'write-file', file, isNew: true },
      ['write /etc/x', 'mode 0600, owner 0:0', '| one', '|', '| two'],
    ],
    [
      'a file in place of another, with its check',
      {
        kind: 'write-file',
        file: { ...file, owner: account, check: ['sshd', '-t', '-f', '{}'] },
        isNew: false,
      },
      ['replace /etc/x', 'mode 0600, owner sync:staff', "first: sshd -t -f '{}'", '| one', '|', '| two'],
    ],
    [
      'a secret file',
      { kind: 'write-file', file, isNew: true, isSecret: true },
      ['write /etc/x', 'mode 0600, owner 0:0', '| (not shown)'],
    ],
    [
      'what is no command',
      { kind: 'call', does: 'add the entry', lines: ['uid=x'], call: () => Promise.resolve() },
      ['add the entry', 'uid=x'],
    ],
  ])('%s', (_name, change, lines) => {
    expect([describeChange(change), ...detailsOf(change)]).toEqual(lines);
  });
});
