import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pathText } from '../../../../src/homes/files/file-tree.ts';
import { restoreConflict, type RestoreOptions } from '../../../../src/homes/conflicts/restore-conflict.ts';
import { treeOf } from '../../../../src/simulator/files/files.ts';
import {
  conflict,
  createConflictMac,
  home,
  story,
  type ConflictMac,
} from '../../../support/conflicts/conflict-mac.ts';

let mac: ConflictMac;

beforeEach(async () => {
  mac = await createConflictMac(story);
});

afterEach(() => {
  mac.remove();
});

const restore = (options: Partial<RestoreOptions> = {}) =>
  restoreConflict(mac.session, conflict, {
    paths: null,
    to: null,
    overwrite: false,
    label: 'before',
    hostAs: mac.hostAs,
    ...options,
  });

const paths = (list: readonly { readonly path: Buffer }[]) => list.map(({ path }) => pathText(path));
const read = (path: string): string => readFileSync(mac.at(path), 'utf8');

describe('a restore', () => {
  test('brings what the home lacks, puts beside it what differs, and is repeated without harm', async () => {
    const first = await restore();
    expect(first.restored.map(pathText).sort()).toEqual(['Documents', 'mail/inbox', 'mail/old', 'novel']);
    expect(paths(first.skipped)).toEqual([]);
    const [novel] = first.beside.filter(({ path }) => pathText(path) === 'novel');
    expect(novel?.as).toMatch(/^novel \(mac7, 20 Nov \d\d\.\d\d\)$/);
    expect(read(novel?.as ?? '')).toBe('Call me Ishmael. Some years ago');
    expect([read('Documents/plan'), read('mail/old/letter'), read('novel')]).toEqual([
      'only in the conflict',
      'only in the conflict',
      'Call me Ahab.',
    ]);
    expect((await restore()).restored.map(pathText)).toEqual([]);
  });

  test('tells each thing that it did not restore, and why', async () => {
    mac.put('Documents', 'a file in the home now');
    const { skipped } = await restore();
    expect(skipped.map(({ path, why }) => `${pathText(path)}: ${why}`)).toEqual([
      'Documents: a file is in the way of a directory',
    ]);
    expect(read('Documents')).toBe('a file in the home now');
  });

  test('mounts nothing in a home that is in use, and says what it left out for that', async () => {
    await mac.run(`unmount ${home}/mail`);
    const { restored, skipped } = await restore();
    expect(restored.map(pathText).sort()).toEqual(['Documents', 'novel']);
    expect(skipped.map(({ path, why }) => `${pathText(path)}: ${why}`)).toEqual([
      'mail: this dataset of the home is not mounted',
    ]);
  });

  test('mounts a home that is not in use, with all that lies below it', async () => {
    await mac.run(`unmount ${home}/mail`);
    await mac.run(`unmount ${home}`);
    const { restored, skipped } = await restore();
    expect(restored.map(pathText).sort()).toEqual(['Documents', 'mail/inbox', 'mail/old', 'novel']);
    expect(skipped).toEqual([]);
  });

  test('of one file, replacing it when told to, and keeping what was there', async () => {
    const { restored, skipped } = await restore({ paths: ['novel'], overwrite: true });
    expect([restored.map(pathText), paths(skipped)]).toEqual([['novel'], []]);
    expect([read('novel'), read('novel (before)')]).toEqual([
      'Call me Ishmael. Some years ago',
      'Call me Ahab.',
    ]);
    expect([read('mail/inbox'), existsSync(mac.at('Documents'))]).toEqual(['one', false]);
  });

  test('makes the directories above a file', async () => {
    const { restored } = await restore({ paths: ['./mail/old/letter', 'Documents/plan/'] });
    expect(restored.map(pathText).sort()).toEqual([
      'Documents',
      'Documents/plan',
      'mail/old',
      'mail/old/letter',
    ]);
    expect(read('mail/old/letter')).toBe('only in the conflict');
  });

  test('into a home that nobody uses: it is mounted for it, and the next snapshot has the files', async () => {
    await mac.run(`unmount ${home}`);
    await restore();
    const { mounted } = mac.machine.datasets.get(home)!;
    expect([mounted, treeOf(mac.machine, home).has('Documents/plan')]).toEqual([null, true]);
  });

  test('into a folder, all of it', async () => {
    const to = mac.at('../rescue');
    mkdirSync(to);
    const { restored } = await restore({ to });
    expect(restored.map(pathText).sort()).toEqual(['Documents', 'mail', 'mail/inbox', 'mail/old', 'novel']);
    expect(readFileSync(join(to, 'mail/old/letter'), 'utf8')).toBe('only in the conflict');
    expect(existsSync(mac.at('Documents'))).toBe(false);
  });

  test.each([
    ['nothing-there', 'path-missing'],
    ['../etc/passwd', 'usage'],
    ['/etc/passwd', 'usage'],
    ['.', 'usage'],
  ])('refuses %s, and copies nothing', async (path, code) => {
    await expect(restore({ paths: [path, 'Documents'] })).rejects.toMatchObject({ code });
    expect(existsSync(mac.at('Documents'))).toBe(false);
  });

  test('does not follow a symlink of the conflict', async () => {
    mac.remove();
    mac = await createConflictMac({
      before: ({ put }) => {
        put('novel', 'x');
      },
      edit: ({ at }) => {
        symlinkSync('/etc', at('settings'));
      },
      after: () => undefined,
    });
    await expect(restore({ paths: ['settings/passwd'] })).rejects.toMatchObject({ code: 'path-missing' });
    expect((await restore({ paths: ['settings'] })).restored.map(pathText)).toEqual(['settings']);
  });
});
