import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLocalHost } from '../../../../src/host/local.ts';
import { tarToCompare } from '../../../../src/platform/tar.ts';
import { digestTree } from '../../../../src/homes/tending/digest-tree.ts';

const host = createLocalHost({ name: 'this machine', path: ['/usr/bin', '/bin', '/usr/sbin', '/sbin'] });
const { signal } = new AbortController();
let directory: string;
let [one, other] = ['', ''];

const digest = (place: string) => digestTree(host, tarToCompare('linux', place), place, signal);
const run = (program: string, ...words: readonly string[]): unknown => execFileSync(program, words);
const at = (path: string): string => join(one, path);

describe.runIf(process.getuid?.() === 0)('the digest of a tree', () => {
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'digested-'));
    [one, other] = [join(directory, 'one'), join(directory, 'other')];
    for (const each of [one, at('deep'), at('-x "é"\n'), at('empty')]) mkdirSync(each);
    writeFileSync(Buffer.concat([Buffer.from(`${one}/`), Buffer.from([0xff, 0x0a, 0x21])]), 'odd');
    writeFileSync(at('deep/one'), 'content');
    writeFileSync(at('-x "é"\n/@file'), 'more');
    linkSync(at('deep/one'), at('two'));
    symlinkSync('/etc/passwd', at('link'));
    run('mkfifo', at('fifo'));
    run('setfattr', '-n', 'user.colour', '-v', 'red', at('deep/one'));
    run('setfacl', '-m', 'u:2002:r', at('deep/one'));
    for (const path of ['deep', 'empty', '-x "é"\n', '.'])
      utimesSync(at(path), 1_500_000_000, 1_500_000_000.25);
    run('cp', '-a', one, other);
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  test('is the same of two trees that are the same, however their directories are kept', async () => {
    const first = await digest(one);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(await digest(other)).toBe(first);
    // Made anew, in another order; reading changes nothing.
    rmSync(other, { recursive: true });
    run(
      'sh',
      '-c',
      'mkdir "$2" && cd "$1" && tar -cf - --sort=name --xattrs --acls . | tar -xpf - --xattrs --acls -C "$2"',
      'sh',
      one,
      other,
    );
    run('cat', at('deep/one'));
    expect(await digest(other)).toBe(first);
  });

  test.each<[what: string, change: () => unknown]>([
    [
      'a byte of a file',
      () =>
        run('sh', '-c', 'touch -r "$1" t; printf Content >"$1"; touch -r t "$1"; rm t', 'sh', at('deep/one')),
    ],
    ['a file’s name', () => run('mv', at('deep/one'), at('deep/once'))],
    [
      'a file more',
      () => run('sh', '-c', 'touch -r "$1" "$1/x" "$2"; touch -r "$2" "$1"', 'sh', at('deep'), at('t')),
    ],
    ['an empty directory less', () => run('rmdir', at('empty'))],
    ['an odd name', () => run('sh', '-c', 'mv "$1"/*! "$1/plain"', 'sh', one)],
    ['a mode', () => run('chmod', 'u+s', at('deep/one'))],
    ['an owner', () => run('chown', '2002', at('deep/one'))],
    ['a time', () => run('touch', '-d', '2017-07-14 02:40:00.5', at('deep/one'))],
    ['a link’s target', () => run('ln', '-sfn', '/etc/shadow', at('link'))],
    [
      'a hard link that is a copy',
      () => run('sh', '-c', 'cp -a "$1" "$1.c" && mv "$1.c" "$1"', 'sh', at('two')),
    ],
    ['an attribute', () => run('setfattr', '-n', 'user.colour', '-v', 'blue', at('deep/one'))],
    ['an attribute of root’s', () => run('setfattr', '-n', 'trusted.x', '-v', 'y', at('deep'))],
    ['an ACL', () => run('setfacl', '-m', 'u:2002:rw', at('deep/one'))],
    ['a kind', () => run('sh', '-c', 'rm "$1" && touch "$1"', 'sh', at('fifo'))],
  ])('is another one where there is another %s', async (_what, change) => {
    const before = await digest(one);
    change();
    expect(await digest(one)).not.toBe(before);
  });

  test('leaves sockets out, and opens no pipe', async () => {
    const before = await digest(one);
    const times = [1_500_000_000, 1_500_000_000.25] as const;
    const server = createServer().listen(at('socket'));
    try {
      await new Promise((resolve) => server.once('listening', resolve));
      utimesSync(one, ...times);
      expect(await digest(one)).toBe(before);
    } finally {
      server.close();
    }
  });

  test('throws where something cannot be read', async () => {
    const failing = tarToCompare('linux', one).map((word) =>
      word === `--directory=${one}` ? '--directory=/nowhere' : word,
    );
    const [program = '', ...words] = failing;
    await expect(digestTree(host, [program, ...words], one, signal)).rejects.toMatchObject({
      code: 'command-failed',
    });
  });

  test('runs at the lowest priority, of the processor and of the disks', () => {
    expect(tarToCompare('linux', '/x').slice(0, 7)).toEqual(['nice', '-n', '19', 'ionice', '-c', '3', 'tar']);
    expect(tarToCompare('macos', '/x').slice(0, 4)).toEqual(['nice', '-n', '19', 'tar']);
  });
});
