import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLocalHost } from '../../../src/host/local.ts';
import {
  directoryChanges,
  fileChanges,
  parseEntry,
  readEntry,
  type Entry,
} from '../../../src/provision/entry.ts';
import { describeChange } from '../../../src/provision/describe-change.ts';

describe('what ls says', () => {
  const at = (permissions: string): string =>
    `${permissions} 1 0 20 4 Nov 26 10:00 /x\n${permissions} 1 root staff 4 Nov 26 10:00 /x\ntext`;
  test.each<[string, Entry['kind'], number]>([
    ['-rw-r--r--', 'file', 0o644],
    ['-rw-------@', 'file', 0o600],
    ['-rwsr-xr-x.', 'file', 0o4755],
    ['drwxrwxrwt', 'directory', 0o1777],
    ['drwxr-s--T+', 'directory', 0o3750],
    ['lrwxrwxrwx', 'other', 0o777],
    ['prw-r-----', 'other', 0o640],
  ])('%s', (permissions, kind, mode) => {
    const names = { uid: '0', gid: '20', user: 'root', group: 'staff', text: 'text' };
    expect(parseEntry(at(permissions))).toEqual({ kind, mode, ...names });
  });
  test.each(['x', 'total 0\n', '-rw-r--r-- 1 0\n'])('refuses %j', (text) => {
    expect(() => parseEntry(text)).toThrow('not understood');
  });
});

describe('what is at a path', () => {
  const host = createLocalHost({ name: 'this machine', path: ['/usr/bin', '/bin'] });
  const signal = new AbortController().signal;
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'roamhome-entry-'));
    writeFileSync(join(directory, 'a file'), 'one\ntwo');
    chmodSync(join(directory, 'a file'), 0o640);
    mkdirSync(join(directory, 'folder'));
    chmodSync(join(directory, 'folder'), 0o1710);
    symlinkSync('a file', join(directory, 'link'));
    symlinkSync('nowhere', join(directory, 'dangling'));
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });
  test.each([
    ['a file', { kind: 'file', mode: 0o640, text: 'one\ntwo' }],
    ['folder', { kind: 'directory', mode: 0o1710, text: '' }],
    ['link', { kind: 'other', text: '' }],
    ['dangling', { kind: 'other', text: '' }],
  ])('%s', async (name, expected) => {
    expect(await readEntry(host, join(directory, name), signal)).toMatchObject(expected);
  });
  test.each(['nothing', 'a file/below'])('nothing: %s', async (name) => {
    expect(await readEntry(host, join(directory, name), signal)).toBeNull();
  });
});

describe('what makes it what it is to be', () => {
  const roots = { uid: '0', gid: '0', user: 'root', group: 'wheel', text: '' };
  const folder: Entry = { kind: 'directory', mode: 0o755, ...roots };
  const theirs: Entry = { ...folder, uid: '7', gid: '8', user: 'sync', group: 'staff' };
  const owner = { user: 'sync', group: 'staff' };
  test.each<[string, Entry | null, Parameters<typeof directoryChanges>[2], string[]]>([
    ['right', folder, { mode: 0o755, owner: 'root' }, []],
    ['right, an account’s', theirs, { mode: 0o755, owner }, []],
    ['missing', null, { mode: 0o755, owner: 'root' }, ['make the directory /d (0755)']],
    [
      'missing, an account’s',
      null,
      { mode: 0o700, owner },
      ['make the directory /d (0700)', 'give /d to sync'],
    ],
    ['another’s', theirs, { mode: 0o700, owner: 'root' }, ['give /d to root', 'set the mode of /d to 0700']],
  ])('a directory: %s', (_name, entry, wanted, expected) => {
    expect(directoryChanges(entry, '/d', wanted).map(describeChange)).toEqual(expected);
  });
  test('a directory in whose place something else is', () => {
    expect(() =>
      directoryChanges({ ...folder, kind: 'other' }, '/d', { mode: 0o755, owner: 'root' }),
    ).toThrow(expect.objectContaining({ code: 'in-the-way' }));
  });

  const file: Entry = { ...folder, kind: 'file', mode: 0o644, text: 'x\n' };
  test.each<[string, Entry | null, string[]]>([
    ['right', file, []],
    ['missing', null, ['write /f']],
    ['another text', { ...file, text: 'x' }, ['replace /f']],
    ['another mode', { ...file, mode: 0o666 }, ['replace /f']],
    ['another owner', { ...file, uid: '7' }, ['replace /f']],
    ['a link', { ...file, kind: 'other' }, ['replace /f']],
  ])('a file: %s', (_name, entry, expected) => {
    const wanted = { path: '/f', text: 'x\n', mode: 0o644, owner: 'root' as const };
    expect(fileChanges(entry, wanted).map(describeChange)).toEqual(expected);
  });
});
