import { describe, expect, test } from 'vitest';
import type { CommandResult } from '../../../src/host/host.ts';
import { createMacosPlatform } from '../../../src/platform/macos/macos-platform.ts';
import { parseAttributes } from '../../../src/platform/macos/dscl.ts';
import {
  createFindMacosProcessStart,
  listProcesses,
  parseProcesses,
} from '../../../src/platform/macos/ps.ts';
import { fakeHost, result } from '../../support/fake-host.ts';

const accountCommand = 'dscl /Search -read /Users/alice RecordName UniqueID PrimaryGroupID NFSHomeDirectory';
const memberCommand = 'dseditgroup -o checkmember -m alice staff';
const failed = (code: string, text: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(text) as string }) as Error;

describe('dscl', () => {
  test.each<[string, string, Record<string, string> | null]>([
    ['one value', 'UniqueID: 501\n', { UniqueID: '501' }],
    ['sorted keys', 'PrimaryGroupID: 20\nUniqueID: 501\n', { PrimaryGroupID: '20', UniqueID: '501' }],
    [
      'a value with spaces',
      'RealName:\n Alice Example\nUniqueID: 1\n',
      { RealName: 'Alice Example', UniqueID: '1' },
    ],
    ['several values with spaces', 'A:\n b c\n d e\n', { A: 'b c\nd e' }],
    ['a native attribute', 'dsAttrTypeNative:x_y: 1\n', { 'dsAttrTypeNative:x_y': '1' }],
    ['an empty value', 'A: \n', { A: '' }],
    ['nothing', '', {}],
    ['a value of no key', ' x\n', null],
    ['something else', 'nonsense\n', null],
  ])('reads %s', (_name, stdout, want) => {
    const attributes = parseAttributes(stdout);
    expect(attributes === null ? null : Object.fromEntries(attributes)).toEqual(want);
  });

  const missing = '<dscl_cmd> DS Error: -14136 (eDSRecordNotFound)\n';
  test.each<[string, Partial<CommandResult>, unknown]>([
    ['a user', { stdout: 'PrimaryGroupID: 20\nUniqueID: 501\n' }, { name: 'alice', uid: 501, gid: 20 }],
    [
      'a user by another case of their name',
      { stdout: 'PrimaryGroupID: 20\nRecordName: Alice\nUniqueID: 501\n' },
      { name: 'Alice', uid: 501, gid: 20 },
    ],
    [
      'a user by an alias: the first name is the record’s own',
      { stdout: 'PrimaryGroupID: 20\nRecordName: anna alice@corp\nUniqueID: 501\n' },
      { name: 'anna', uid: 501, gid: 20 },
    ],
    [
      'aliases with blanks',
      { stdout: 'PrimaryGroupID: 20\nRecordName:\n anna\n Anna Example\nUniqueID: 501\n' },
      { name: 'anna', uid: 501, gid: 20 },
    ],
    ['a negative id', { stdout: 'PrimaryGroupID: -2\nUniqueID: -2\n' }, { name: 'alice', uid: -2, gid: -2 }],
    [
      'a user with a home directory',
      { stdout: 'NFSHomeDirectory: /Users/alice\nPrimaryGroupID: 20\nUniqueID: 501\n' },
      { name: 'alice', uid: 501, gid: 20, home: '/Users/alice' },
    ],
    ['no user', { exitCode: 56, stderr: missing }, null],
  ])('%s', async (_name, answer, want) => {
    const platform = createMacosPlatform(fakeHost({ [accountCommand]: answer }));
    expect(await platform.findAccount('alice')).toEqual(want);
  });

  test.each<[string, Partial<CommandResult>, RegExp]>([
    [
      '56 for another reason',
      { exitCode: 56, stderr: '<dscl_cmd> DS Error: -14002 (x)' },
      /exit code 56.*-14002/,
    ],
    ['the text with another code', { exitCode: 1, stderr: missing }, /exit code 1/],
    [
      'an attribute that is missing',
      { stdout: 'UniqueID: 1\n', stderr: 'No such key: PrimaryGroupID' },
      /No such key/,
    ],
    ['a number that is none', { stdout: 'PrimaryGroupID: 20\nUniqueID: x\n' }, /UniqueID: x/],
    ['a signal', { exitCode: null, signal: 'SIGKILL' }, /signal SIGKILL: no output/],
  ])('%s is a failure', async (_name, answer, text) => {
    const platform = createMacosPlatform(fakeHost({ [accountCommand]: answer }));
    await expect(platform.findAccount('alice')).rejects.toEqual(failed('command-failed', text));
  });
});

describe('dseditgroup', () => {
  test.each<[string, Partial<CommandResult>, boolean]>([
    ['a member', { stdout: 'yes alice is a member of staff\n' }, true],
    ['no member', { exitCode: 67, stdout: 'no alice is NOT a member of staff\n' }, false],
  ])('%s', async (_name, answer, want) => {
    expect(await createMacosPlatform(fakeHost({ [memberCommand]: answer })).isMember('alice', 'staff')).toBe(
      want,
    );
  });

  test.each<[string, Partial<CommandResult>, string, RegExp]>([
    ['no group', { exitCode: 64, stderr: 'Group not found.\n' }, 'group-unknown', /no group staff/],
    [
      'no user',
      { exitCode: 64, stderr: 'Unable to find the user record\n' },
      'user-unknown',
      /no user alice/,
    ],
    [
      '64 for another reason',
      { exitCode: 64, stderr: 'usage: x' },
      'command-failed',
      /exit code 64: usage: x/,
    ],
    ['67 with another text', { exitCode: 67, stdout: 'x' }, 'command-failed', /exit code 67/],
    ['0 with another text', { stdout: 'no alice is NOT a member of staff' }, 'command-failed', /exit code 0/],
  ])('%s', async (_name, answer, code, text) => {
    const platform = createMacosPlatform(fakeHost({ [memberCommand]: answer }));
    await expect(platform.isMember('alice', 'staff')).rejects.toEqual(failed(code, text));
  });
});

test.each(['', '-m', 'a/b', '../root', 'a b', 'a\n', '.x', 'a;b', 'ä', 'a'.repeat(256)])(
  'the user name %j reaches no command',
  async (user) => {
    const host = fakeHost({});
    const platform = createMacosPlatform(host);
    await expect(platform.findAccount(user)).rejects.toEqual(failed('user-name-invalid', /./));
    await expect(platform.isMember(user, 'staff')).rejects.toEqual(failed('user-name-invalid', /./));
    expect(host.ran).toEqual([]);
  },
);

describe('ps', () => {
  test('reads processes, leaves out zombies', async () => {
    const stdout = [
      '    1     0     0     0 Ss',
      '  501   400   501   501 S+',
      '  502   501     0   501 R',
      '  503   501   501   501 Z',
      '  504     1    -2    -2 Ss',
      '',
    ].join('\n');
    const host = fakeHost({ 'ps -axo pid=,ppid=,uid=,ruid=,stat=': { stdout } });
    expect(await listProcesses(host)).toEqual([
      { pid: 1, ppid: 0, uid: 0, realUid: 0 },
      { pid: 501, ppid: 400, uid: 501, realUid: 501 },
      { pid: 502, ppid: 501, uid: 0, realUid: 501 },
      { pid: 504, ppid: 1, uid: -2, realUid: -2 },
    ]);
  });

  test.each<[string, Partial<CommandResult>]>([
    ['an exit code', { exitCode: 1 }],
    ['a line that is not understood', { stdout: '  1 0 0 Ss\n' }],
  ])('%s is a failure', (_name, answer) => {
    expect(() => parseProcesses(result(answer))).toThrow(failed('command-failed', /^ps -axo/));
  });

  const start = 'env TZ=UTC0 ps -o stat=,lstart= -p 77';
  test.each<[string, Partial<CommandResult>, string | null]>([
    ['a process', { stdout: 'Ss   Fri Nov 20 06:45:00 2026    \n' }, 'Fri_Nov_20_06_45_00_2026'],
    ['a day of one digit', { stdout: 'S+   Mon Nov  2 06:45:00 2026\n' }, 'Mon_Nov_2_06_45_00_2026'],
    ['a zombie', { stdout: 'Z    Fri Nov 20 06:45:00 2026\n' }, null],
    ['no process', { exitCode: 1 }, null],
  ])('the start of %s', async (_name, answer, want) => {
    expect(await createFindMacosProcessStart(fakeHost({ [start]: answer }))(77)).toBe(want);
  });

  test.each<[string, Partial<CommandResult>]>([
    ['an error message', { exitCode: 1, stderr: 'ps: illegal option' }],
    ['an unknown format', { stdout: 'S 06:45:00 20 nov 2026\n' }],
  ])('the start: %s is a failure', async (_name, answer) => {
    const find = createFindMacosProcessStart(fakeHost({ [start]: answer }));
    await expect(find(77)).rejects.toEqual(failed('command-failed', /^env TZ=UTC0 ps/));
  });
});

test('homes are hidden from the desktop, and unmounted by diskutil when zfs cannot', () => {
  const platform = createMacosPlatform(fakeHost({}));
  expect(platform.homeProperties).toEqual({
    ...{ atime: 'off', setuid: 'off', devices: 'off' },
    'com.apple.browse': 'off',
  });
  expect(platform.forceUnmountArgv?.('/Users/alice')).toEqual([
    'diskutil',
    'unmount',
    'force',
    '/Users/alice',
  ]);
});

test('what a user can set on a directory: attributes, flags, and the entries of its ACL', async () => {
  const listed = (name: string, date: string): string =>
    `drwx------@ 3 501  20  96 ${date} ${name}\n 0: group:everyone deny delete\n 1: user:_spotlight inherited allow list\n`;
  const at = (path: string, date: string) =>
    createMacosPlatform(
      fakeHost({
        [`xattr -l -x -s ${path}`]: { stdout: 'com.apple.FinderInfo:\n00000000  00 00 00 0C\n' },
        [`stat -f %f ${path}`]: { stdout: '0\n' },
        [`ls -l -d -e -n ${path}`]: { stdout: listed(path, date) },
      }),
    ).directoryAttributes(path);
  const told = await at('/Users/alice/d', 'Nov 20 06:45');
  expect(told).toBe(
    '0\n 0: group:everyone deny delete\n 1: user:_spotlight inherited allow list\ncom.apple.FinderInfo:\n00000000  00 00 00 0C\n',
  );
  expect(await at('/Users/alice/.zfs/snapshot/a/d', 'Nov 19 20:00')).toBe(told);
});

test('what the files of a tree have is told in an order of its own, and without the path', async () => {
  const at = (path: string, names: readonly string[]) =>
    createMacosPlatform(
      fakeHost({
        [`xattr -r -l -x -s ${path}`]: {
          stdout: names.map((name) => `${path}/${name}: com.apple.FinderInfo:\n`).join(''),
        },
        [`find ${path} -exec stat -f %f %N {} +`]: {
          stdout: names.map((name) => `0 ${path}/${name}\n`).join(''),
        },
        [`ls -l -A -R -e -n ${path}`]: {
          stdout: `total 8\ndrwx------+ 2 501 20 64 Nov 20 06:45 a\n 0: group:everyone deny delete\n`,
        },
      }),
    ).treeAttributes(path);
  const told = await at('/Users/alice/d', ['a', 'b']);
  expect(told).toContain('\n 0: group:everyone deny delete\n');
  expect(told).not.toContain('alice');
  expect(await at('/private/copy', ['b', 'a'])).toBe(told);
});
