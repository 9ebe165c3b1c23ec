import { describe, expect, test } from 'vitest';
import type { CommandResult } from '../../../src/host/host.ts';
import { createLinuxPlatform } from '../../../src/platform/linux/linux-platform.ts';
import { parseStartTicks, parseStatus } from '../../../src/platform/linux/proc.ts';
import { fakeHost } from '../../support/fake-host.ts';

const failed = (code: string, text: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(text) as string }) as Error;

describe('getent passwd', () => {
  const find = (answer: Partial<CommandResult>, user = 'alice') =>
    createLinuxPlatform(fakeHost({ [`getent passwd ${user}`]: answer })).findAccount(user);

  test.each<[string, Partial<CommandResult>, unknown]>([
    [
      'a user',
      { stdout: 'alice:x:1000:100:Alice Example,,,:/home/alice:/bin/sh\n' },
      { name: 'alice', uid: 1000, gid: 100, home: '/home/alice' },
    ],
    [
      'a user without a home directory',
      { stdout: 'alice:x:1000:100:::\n' },
      { name: 'alice', uid: 1000, gid: 100 },
    ],
    ['no user', { exitCode: 2 }, null],
  ])('%s', async (_name, answer, want) => {
    expect(await find(answer)).toEqual(want);
  });

  test('a number is not taken for a uid', async () => {
    expect(await find({ stdout: 'alice:x:1000:100::/home/alice:/bin/sh\n' }, '1000')).toBeNull();
  });

  test.each<[string, Partial<CommandResult>]>([
    ['another exit code', { exitCode: 1, stderr: 'Unknown database' }],
    ['a line with fewer fields', { stdout: 'alice:x:1000\n' }],
    ['two lines', { stdout: 'alice:x:1:1::/:/\nalice:x:1:1::/:/\n' }],
    ['an id that is none', { stdout: 'alice:x:x:100::/home/alice:/bin/sh\n' }],
    ['nothing', {}],
  ])('%s is a failure', async (_name, answer) => {
    await expect(find(answer)).rejects.toEqual(failed('command-failed', /^getent passwd alice: /));
  });
});

describe('membership', () => {
  const isMember = (
    group: Partial<CommandResult>,
    id: Partial<CommandResult>,
    names: Partial<CommandResult> = { stdout: 'alice:x:1000:\nDomain:x:1001:\n' },
  ) =>
    createLinuxPlatform(
      fakeHost({
        'getent group Domain Users': group,
        'id -G alice': id,
        'getent group 1000 1001': names,
      }),
    ).isMember('alice', 'Domain Users');
  const group = { stdout: 'Domain Users:*:100:alicia,bob\n' };

  test('a member whom the directory lists', async () => {
    expect(await isMember({ stdout: 'Domain Users:*:100:bob,alice\n' }, { exitCode: 99 })).toBe(true);
  });

  test.each<[string, Partial<CommandResult>, boolean]>([
    ['a member', { stdout: '1000 100 4\n' }, true],
    ['not a member, with a gid that contains the other', { stdout: '1000 1001\n' }, false],
  ])('%s', async (_name, id, want) => {
    expect(await isMember(group, id)).toBe(want);
  });

  test('a member of the directory’s group, before which a group of this machine with the same name stands', async () => {
    const ids = { stdout: '1000 1001\n' };
    expect(await isMember(group, ids, { exitCode: 2, stdout: 'Domain Users:*:1001:\n' })).toBe(true);
    expect(await isMember(group, ids, { exitCode: 2, stdout: '' })).toBe(false);
    await expect(isMember(group, ids, { exitCode: 3 })).rejects.toEqual(
      failed('command-failed', /getent group 1000 1001: exit code 3/),
    );
  });

  test.each<[string, Partial<CommandResult>, Partial<CommandResult>, string, RegExp]>([
    ['no group', { exitCode: 2 }, {}, 'group-unknown', /no group Domain Users/],
    ['no user', group, { exitCode: 1, stderr: 'id: ‘alice’: no such user' }, 'user-unknown', /no user alice/],
    [
      'id fails otherwise',
      group,
      { exitCode: 1, stderr: 'id: x' },
      'command-failed',
      /id -G alice: exit code 1/,
    ],
    ['id says something else', group, { stdout: 'users\n' }, 'command-failed', /exit code 0: users/],
  ])('%s', async (_name, groupAnswer, idAnswer, code, text) => {
    await expect(isMember(groupAnswer, idAnswer)).rejects.toEqual(failed(code, text));
  });
});

describe('/proc', () => {
  const status = (state: string) =>
    `Name:\ta b\\nUid:\nUmask:\t0022\nState:\t${state}\nTgid:\t7\nPid:\t7\nPPid:\t3\nUid:\t1000\t0\t0\t0\nGid:\t1\t1\t1\t1\n`;

  test('status gives the effective and the real user', () => {
    expect(parseStatus(status('S (sleeping)'), 7)).toEqual({ pid: 7, ppid: 3, uid: 0, realUid: 1000 });
  });
  test('status of a zombie', () => {
    expect(parseStatus(status('Z (zombie)'), 7)).toBeNull();
  });
  test('status that is not understood', () => {
    expect(() => parseStatus('x', 7)).toThrow(failed('command-failed', /\/proc\/7\/status/));
  });

  const stat = (name: string, state: string) =>
    `7 (${name}) ${state} 3 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 123456 1000 200 18446744073709551615\n`;
  test.each([
    ['a process', stat('sleep', 'S'), '123456'],
    ['a name with parentheses and spaces', stat('a) S 1 (b', 'R'), '123456'],
    ['a zombie', stat('sleep', 'Z'), null],
  ])('the start of %s', (_name, text, want) => {
    expect(parseStartTicks(text, 7)).toBe(want);
  });
  test.each(['', '7 (x) S 1', '7 x S 1 2'])('stat that is not understood: %j', (text) => {
    expect(() => parseStartTicks(text, 7)).toThrow(failed('command-failed', /\/proc\/7\/stat/));
  });
});

test('there is no way to force an unmount on Linux', () => {
  const platform = createLinuxPlatform(fakeHost({}));
  expect(platform.forceUnmountArgv).toBeNull();
  expect(platform.homeProperties).toEqual({ atime: 'off', setuid: 'off', devices: 'off' });
});

describe('what a user can set on a directory', () => {
  const path = '/home/alice/.zfs/snapshot/a/dir';
  const getfattr = `getfattr --absolute-names -h -d -m - -e hex -- ${path}`;
  const lsattr = `lsattr -d -p -- ${path}`;
  const attributes = (got: Partial<CommandResult>, listed: Partial<CommandResult>) =>
    createLinuxPlatform(fakeHost({ [getfattr]: got, [lsattr]: listed })).directoryAttributes(path);
  const flags = { stdout: `    0 ----------------- ${path}\n` };

  test('is told without the path', async () => {
    const got = { stdout: `# file: ${path}\nsystem.posix_acl_access=0x02\nuser.tag=0x31\n\n` };
    expect(await attributes(got, flags)).toBe(
      'system.posix_acl_access=0x02\nuser.tag=0x31\n\n    0 ----------------- ',
    );
    expect(await attributes({}, flags)).toBe('    0 ----------------- ');
  });

  test.each<[string, Partial<CommandResult>, Partial<CommandResult>]>([
    ['getfattr fails', { exitCode: 1 }, flags],
    ['getfattr complains', { stderr: `getfattr: ${path}: No such file or directory` }, flags],
    ['lsattr fails', {}, { exitCode: 1 }],
  ])('cannot be told when %s', async (_what, got, listed) => {
    await expect(attributes(got, listed)).rejects.toMatchObject({ code: 'command-failed' });
  });
});
