import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readKnownHosts } from '../../../src/host/ssh/ssh-connect.ts';
import { othersCanChange, weakByAcl, weakFiles, weakPlaceOn } from '../../../src/host/others-can-change.ts';

const alice = 4711;
let directory = '';
const at = (name: string): string => join(directory, name);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'roamhome-way-'));
  chmodSync(directory, 0o755);
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe.runIf(process.getuid?.() === 0)('what others than root can change on the way to a file', () => {
  test('nothing: root’s own, behind root’s own links', async () => {
    symlinkSync('true', at('second'));
    symlinkSync(at('second'), at('first'));
    symlinkSync('/usr/bin/true', at('true'));
    expect(await othersCanChange(at('first'))).toBeNull();
    expect(await weakFiles([at('first'), at('missing')])).toEqual([]);
  });

  test('a link of a user’s between a link of root’s and a file of root’s', async () => {
    mkdirSync(at('alice'));
    chownSync(at('alice'), alice, alice);
    symlinkSync('/usr/bin/true', at('alice/link'));
    lchownSync(at('alice/link'), alice, alice);
    symlinkSync(at('alice/link'), at('dialog'));
    expect(await othersCanChange(at('dialog'))).toBe(at('alice'));
  });

  test('a link of a user’s in a directory where each has entries of their own', async () => {
    chmodSync(directory, 0o1777);
    symlinkSync('/usr/bin/true', at('link'));
    lchownSync(at('link'), alice, alice);
    expect(await othersCanChange(at('link'))).toBe(at('link'));
  });

  test('a directory that a link leads through by way of ..', async () => {
    mkdirSync(at('open'));
    chmodSync(at('open'), 0o777);
    mkdirSync(at('open/in'));
    symlinkSync('/usr/bin/true', at('true'));
    symlinkSync('open/in/../../true', at('link'));
    expect(await othersCanChange(at('link'))).toBe(at('open'));
  });

  test('a directory of a user’s in which there is nothing yet', async () => {
    mkdirSync(at('bin'));
    chownSync(at('bin'), alice, alice);
    expect(await weakFiles([at('bin/zfs')])).toEqual([{ path: at('bin/zfs'), place: at('bin') }]);
  });

  test('links that lead to each other end', () => {
    symlinkSync(at('b'), at('a'));
    symlinkSync(at('a'), at('b'));
    expect(() => weakPlaceOn(at('a'))).toThrow(expect.objectContaining({ code: 'ELOOP' }));
  });

  test('what macOS allows somebody besides the mode', async () => {
    writeFileSync(at('file'), '');
    const listed = (entry: string) => (paths: readonly string[]) =>
      Promise.resolve(
        paths
          .map(
            (path) =>
              `-rw-r--r--+ 1 root  wheel  0 Jan  1 00:00 ${path}\n${path === at('file') ? ` 0: ${entry}\n` : ''}`,
          )
          .join(''),
      );
    expect(await othersCanChange(at('file'), listed('user:alice allow write,append'))).toBe(at('file'));
    expect(await othersCanChange(at('file'), listed('group:everyone deny delete'))).toBeNull();
    expect(await othersCanChange(at('file'), listed('user:alice allow read'))).toBeNull();
  });
});

test.each([
  [
    'a directory',
    'drwxr-xr-x+ 3 root  wheel  96 Jan  1 00:00 /a\n 0: group:admin inherited allow list,add_file,search',
    '/a',
  ],
  ['a link', 'lrwxr-xr-x+ 1 root  wheel  3 Jan  1 00:00 /l -> /a\n 0: user:alice allow delete', '/l'],
  ['root itself', 'drwxr-xr-x+ 3 root  wheel  96 Jan  1 00:00 /a\n 0: user:root allow write', null],
  ['nothing', 'drwxr-xr-x  3 root  wheel  96 Jan  1 00:00 /a', null],
])('an access control list of %s', (_what, listed, weak) => {
  expect(weakByAcl(['/', '/a', '/l'], listed)).toBe(weak);
});

describe.runIf(process.getuid?.() === 0)('the server’s host keys are believed from', () => {
  const line = 'server ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl\n';
  test('a file of root’s that all may read; none is one that knows no host', () => {
    writeFileSync(at('known_hosts'), line, { mode: 0o644 });
    expect(readKnownHosts(at('known_hosts'))).toHaveLength(1);
    expect(readKnownHosts(at('missing'))).toEqual([]);
  });
  test.each<[string, () => void, RegExp, string]>([
    [
      'that others can write',
      () => {
        chmodSync(at('known_hosts'), 0o666);
      },
      /others than its owner can change .*mode 0666/,
      'chmod go-w ',
    ],
    [
      'of somebody else',
      () => {
        chownSync(at('known_hosts'), alice, alice);
      },
      /belongs to user id 4711/,
      'chown root ',
    ],
    [
      'in a directory of somebody else',
      () => {
        chownSync(directory, alice, alice);
      },
      /others than root can change .*, and so put another file in the place of/,
      'chown root ',
    ],
  ])('no file %s', (_what, spoil, message, command) => {
    writeFileSync(at('known_hosts'), line, { mode: 0o644 });
    spoil();
    expect(() => readKnownHosts(at('known_hosts'))).toThrow(
      expect.objectContaining({
        code: 'file-unreadable',
        message: expect.stringMatching(message) as string,
        commands: expect.arrayContaining([expect.stringContaining(command)]) as string[],
      }),
    );
  });
});
