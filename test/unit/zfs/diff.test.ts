import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { CommandResult, Host } from '../../../src/host/host.ts';
import { parseDiffLine, type DiffEntry } from '../../../src/zfs/commands/diff.ts';
import { parseDatasetName, parseSnapshotName } from '../../../src/zfs/names.ts';
import { createSyncZfs } from '../../../src/zfs/sync-zfs.ts';
import { result } from '../../support/fake-host.ts';
import { entriesOf } from '../../support/sync/diffs.ts';

describe('a line of zfs diff -HF', () => {
  test.each<[string, DiffEntry]>([
    ['M\tF\t/u/file', { change: 'modified', type: 'file', path: '/u/file' }],
    ['+\t/\t/u/dir', { change: 'added', type: 'directory', path: '/u/dir' }],
    ['-\t@\t/u/link', { change: 'removed', type: 'symlink', path: '/u/link' }],
    ['M\t/\t/u/', { change: 'modified', type: 'directory', path: '/u/' }],
    ['+\t=\t/u/socket', { change: 'added', type: 'other', path: '/u/socket' }],
    ['+\t?\t/u/unknown', { change: 'added', type: 'other', path: '/u/unknown' }],
    ['R\tF\t/u/old\t/u/new', { change: 'renamed', type: 'file', path: '/u/old', to: '/u/new' }],
    ['M\tF\t/u/linked\t(+1)', { change: 'links', type: 'file', path: '/u/linked', by: 1 }],
    ['M\tF\t/u/linked\t(-12)', { change: 'links', type: 'file', path: '/u/linked', by: -12 }],
    ['+\tF\t/u/(+1)', { change: 'added', type: 'file', path: '/u/(+1)' }],
    [
      String.raw`+\tF\t/u/a\0040b\0134c\0011\0012d\0303\0251`.replaceAll('\\t', '\t'),
      { change: 'added', type: 'file', path: '/u/a b\\c\t\ndé' },
    ],
    ['+\tF\t/u/\\0377\\0376', { change: 'added', type: 'file', path: null }],
    ['R\tF\t/u/old\t/u/\\0377', { change: 'renamed', type: 'file', path: '/u/old', to: null }],
  ])('%j', (line, entry) => {
    expect(parseDiffLine(line)).toEqual(entry);
  });

  test.each([
    '',
    'M',
    'M\t/u/file',
    'M\tF\t',
    'X\tF\t/u/file',
    'M\tX\t/u/file',
    'M\t\t/u/file',
    'M\tFF\t/u/file',
    'M\tF\t/u/file\t/u/other',
    '+\tF\t/u/file\t(+1)',
    'M\tF\t/u/file\t(1)',
    'R\tF\t/u/file',
    'R\tF\t/u/file\t/u/other\t/u/third',
    'M\tF\t/u/a b',
    'M\tF\t/u/é',
    'M\tF\t/u/\\',
    'M\tF\t/u/\\040',
    'M\tF\t/u/\\0400',
    'M\tF\t/u/\\0789',
    'constructor\tF\t/u/file',
  ])('%j is not understood', (line) => {
    expect(() => parseDiffLine(line)).toThrow(
      expect.objectContaining({ code: 'zfs-output-unknown' }) as Error,
    );
  });
});

const alice = parseDatasetName('data/alice');
const head = parseSnapshotName('data/alice@a');

interface Command {
  readonly chunks: readonly string[];
  readonly result?: Partial<CommandResult>;
}

function diffing({ chunks, result: ended = {} }: Command): {
  diff: () => AsyncIterable<DiffEntry>;
  killed: () => boolean;
} {
  let wasKilled = false;
  const host: Host = {
    name: 'this Mac',
    run: () => Promise.reject(new Error('it streams')),
    stream: () =>
      Promise.resolve({
        stdin: new PassThrough(),
        stdout: Readable.from(chunks.map((chunk) => Buffer.from(chunk))),
        onStderrLine: () => undefined,
        done: Promise.resolve(result(ended)),
        kill: () => (wasKilled = true),
      }),
    close: () => Promise.resolve(),
  };
  const zfs = createSyncZfs(host, { command: () => undefined, warning: () => undefined });
  return { diff: () => zfs.diff(alice, head), killed: () => wasKilled };
}

describe('zfs diff as it comes', () => {
  test.each<[string, Command, number]>([
    ['nothing', { chunks: [] }, 0],
    ['lines cut anywhere', { chunks: ['M\tF\t/u/', 'a\nM\tF\t/u/b', '\n', 'M\tF\t/u/c\n'] }, 3],
  ])('%s', async (_what, command, count) => {
    const { diff, killed } = diffing(command);
    expect(await entriesOf(diff())).toHaveLength(count);
    expect(killed()).toBe(false);
  });

  test('ends the command when enough is seen', async () => {
    const { diff, killed } = diffing({ chunks: ['M\tF\t/u/a\nM\tF\t/u/b\n'], result: { exitCode: null } });
    for await (const { path } of diff()) {
      expect(path).toBe('/u/a');
      break;
    }
    expect(killed()).toBe(true);
  });

  test.each<[string, Command, string]>([
    ['a last line without its end', { chunks: ['M\tF\t/u/a\nM\tF\t/u'] }, 'zfs-output-unknown'],
    [
      'a line without any end',
      { chunks: Array(40).fill('x'.repeat(4000)) as string[] },
      'zfs-output-unknown',
    ],
    [
      'another exit code',
      { chunks: [], result: { exitCode: 1, stderr: 'Unable to obtain diffs: I/O error' } },
      'zfs-failed',
    ],
    [
      // Seen in libzfs_diff.c: it goes on to the next object, and ends with 0.
      'an object that could not be read',
      { chunks: [], result: { stderr: 'Unable to determine path or stats for object 7 in data/alice@a\n' } },
      'zfs-output-unknown',
    ],
  ])('%s is a failure', async (_what, command, code) => {
    await expect(entriesOf(diffing(command).diff())).rejects.toMatchObject({ code });
  });
});
