import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { differencesOf, missingFrom } from '../../../../src/homes/excluded/verify-copy.ts';
import { createLocalHost } from '../../../../src/host/local.ts';
import { createLinuxPlatform } from '../../../../src/platform/linux/linux-platform.ts';
import { systemFolderFiles, type FolderFiles } from '../../../../src/homes/mount/folder-files.ts';

const root = createLocalHost({ name: 'this machine', path: ['/usr/bin', '/bin', '/usr/sbin', '/sbin'] });
const platform = createLinuxPlatform(root);
const { signal } = new AbortController();
let directory: string;
let [original, copy] = ['', ''];
let folders: FolderFiles;

const run = (program: string, ...words: readonly string[]): void => {
  execFileSync(program, words);
};
const at = (path: string): string => join(original, path);
const compare = () => differencesOf(original, copy, { platform, signal });

describe.runIf(process.getuid?.() === 0)('a folder that is copied', () => {
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'copied-'));
    [original, copy] = [join(directory, `it's the\n"e\u0301"`), join(directory, 'copy')];
    folders = systemFolderFiles({
      kind: 'linux',
      root,
      hostAs: () => root,
      stateDir: join(directory, 'state'),
    });
    for (const each of [original, copy, at('deep'), at('-x "é"\n')]) mkdirSync(each);
    writeFileSync(at('deep/one'), 'content');
    linkSync(at('deep/one'), at('-x "é"\n/two'));
    symlinkSync('/etc/passwd', at('link'));
    writeFileSync(at('sparse'), 'x');
    truncateSync(at('sparse'), 8 << 20);
    run('mkfifo', at('fifo'));
    run('setfattr', '-n', 'user.colour', '-v', 'red', at('deep/one'));
    run('setfattr', '-n', 'trusted.mark', '-v', 'root', at('deep'));
    run('setfacl', '-m', 'u:2002:r', at('deep/one'), original);
    run('chown', '-hR', '2001:2100', original);
    chmodSync(at('deep/one'), 0o4750);
    chmodSync(at('deep'), 0o555);
    chmodSync(original, 0o710);
    for (const path of ['deep/one', 'deep', '-x "é"\n'])
      utimesSync(at(path), 1_500_000_000, 1_500_000_000.25);
    return () => {
      rmSync(directory, { recursive: true, force: true });
    };
  });

  test('is the same in all that its files have: links, times, modes, owners, attributes, ACLs', async () => {
    await folders.copyTree(original, copy, signal);
    expect(await compare()).toEqual([]);
    expect(await missingFrom(original, copy, signal)).toEqual([]);
  });

  test('loses sockets, which mean nothing without their program', async () => {
    const server = createServer().listen(at('socket'));
    await folders.copyTree(original, copy, signal);
    expect(await compare()).toEqual([]);
    server.close();
  });

  test.each<readonly [string, () => void, readonly string[]]>([
    [
      'a byte',
      () => {
        run(
          'sh',
          '-c',
          'printf C | dd of="$1" conv=notrunc 2>/dev/null; touch -r "$2" "$1"',
          'sh',
          join(copy, 'deep/one'),
          at('deep/one'),
        );
      },
      ['-x "é"\n/two', 'deep/one'],
    ],
    [
      'a time',
      () => {
        utimesSync(join(copy, 'deep/one'), 1, 1);
      },
      ['-x "é"\n/two', 'deep/one'],
    ],
    [
      'a mode of a directory',
      () => {
        chmodSync(join(copy, 'deep'), 0o755);
      },
      ['deep'],
    ],
    [
      'an owner',
      () => {
        run('chown', '-h', '0', join(copy, 'link'));
      },
      ['link'],
    ],
    [
      'an attribute',
      () => {
        run('setfattr', '-n', 'user.colour', '-v', 'blue', join(copy, 'deep/one'));
      },
      [''],
    ],
    [
      'an ACL',
      () => {
        run('setfacl', '-b', copy);
        chmodSync(copy, 0o710);
      },
      [''],
    ],
    [
      'a flag, which tar does not carry',
      () => {
        run('chattr', '+d', at('deep/one'));
      },
      [''],
    ],
    [
      'a hard link',
      () => {
        run(
          'sh',
          '-c',
          'cp -a "$1" "$1.x" && mv "$1.x" "$1" && touch -r "$2" "$3"',
          'sh',
          join(copy, 'deep/one'),
          at('deep'),
          join(copy, 'deep'),
        );
      },
      ['deep/one'],
    ],
    [
      'a file too much',
      () => {
        writeFileSync(join(copy, 'more'), '');
        run('touch', '-r', original, copy);
      },
      ['more'],
    ],
  ])('is not the same with another of: %s', async (_what, change, different) => {
    await folders.copyTree(original, copy, signal);
    change();
    expect(await compare()).toEqual(different);
  });

  test('what is left of it is missing nothing, unless it was changed or came later', async () => {
    await folders.copyTree(original, copy, signal);
    rmSync(at('deep/one'));
    writeFileSync(join(copy, 'since'), 'then');
    expect(await missingFrom(original, copy, signal)).toEqual([]);
    appendFileSync(at('sparse'), 'more');
    writeFileSync(at('new'), 'new');
    expect(await missingFrom(original, copy, signal)).toEqual(['new', 'sparse']);
  });

  test.each<readonly [string, () => void]>([
    [
      'mode',
      () => {
        chmodSync(at('deep/one'), 0o4700);
      },
    ],
    [
      'owner',
      () => {
        run('chown', '2002', at('deep/one'));
        chmodSync(at('deep/one'), 0o4750);
      },
    ],
    [
      'group',
      () => {
        run('chown', ':2101', at('deep/one'));
        chmodSync(at('deep/one'), 0o4750);
      },
    ],
    [
      'time',
      () => {
        utimesSync(at('deep/one'), 1_600_000_000, 1_600_000_000);
      },
    ],
  ])('what is left of it is missing where a file has another %s since', async (_what, change) => {
    await folders.copyTree(original, copy, signal);
    rmSync(at('-x "é"\n/two'));
    change();
    expect(await missingFrom(original, copy, signal)).toEqual(['deep/one']);
  });

  test('with a name that zfs could not list is reached by one that it can', async () => {
    const path = at('-x "é"\n');
    const plain = await folders.plainPathTo(path);
    expect(plain).toMatch(/^[\w/-]+\/state\/folders\/[0-9a-f]{32}$/);
    expect(readlinkSync(plain)).toBe(path);
    expect(await folders.plainPathTo(path)).toBe(plain);
    expect(await folders.plainPathTo('/Users/a/my "b" é')).toBe('/Users/a/my "b" é');
  });

  test('that does not fit is told as such', async () => {
    const small = join(directory, 'small');
    mkdirSync(small);
    run('mount', '-t', 'tmpfs', '-o', 'size=64k', 'none', small);
    try {
      writeFileSync(at('big'), Buffer.alloc(1 << 20, 'x'));
      await expect(folders.copyTree(original, small, signal)).rejects.toMatchObject({ code: 'no-space' });
    } finally {
      run('umount', small);
    }
  });
});
