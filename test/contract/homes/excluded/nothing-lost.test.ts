import {
  appendFileSync,
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addFolders } from '../../../../src/homes/excluded/add-folders.ts';
import { listFolders } from '../../../../src/homes/excluded/list-folders.ts';
import { removeFolders } from '../../../../src/homes/excluded/remove-folders.ts';
import { folderDataset } from '../../../../src/homes/mount/excluded-folders.ts';
import { mountedFiles, treeOf } from '../../../../src/simulator/files/files.ts';
import type { Session } from '../../../../src/homes/session.ts';
import { createExcludeWorld, home, type ExcludeWorld } from './exclude-macs.ts';

let world: ExcludeWorld;

beforeEach(async () => {
  world = await createExcludeWorld();
});

afterEach(() => {
  world.remove();
});

/** The contents of the files of a dataset, by their paths. */
function filesOf(dataset: string): Readonly<Record<string, string>> {
  const entries = [...treeOf(world.a.machine, dataset)];
  return Object.fromEntries(
    entries.flatMap(([path, entry]) => (entry.kind === 'file' ? [[path, entry.content]] : [])),
  );
}

async function atRest(files: Readonly<Record<string, string>>): Promise<void> {
  const { a } = world;
  for (const [path, text] of Object.entries(files)) a.put(path, text);
  expect(await a.logout()).toMatchObject({ problems: [], mounted: false, pending: false });
}

/** Changes files of the home itself, under what is mounted over it otherwise. */
async function beneath(change: () => void): Promise<void> {
  const { a } = world;
  await a.zfs('mount', home);
  change();
  await a.zfs('unmount', home);
}

/** A session in which whatever is copied comes out otherwise. */
function withCopies(spoil: (into: string) => void): Session {
  const session = world.a.session();
  return {
    ...session,
    folders: {
      ...session.folders,
      copyTree: async (from, into, signal) => {
        await session.folders.copyTree(from, into, signal);
        spoil(into);
      },
    },
  };
}

const spoiled: readonly (readonly [string, (into: string) => void])[] = [
  [
    'lacks a file',
    (into) => {
      rmSync(join(into, 'thesis'));
    },
  ],
  [
    'has another byte in a file',
    (into) => {
      writeFileSync(join(into, 'thesis'), 'chapter 7');
    },
  ],
  [
    'has more in a file',
    (into) => {
      appendFileSync(join(into, 'thesis'), '!');
    },
  ],
  [
    'has a file besides',
    (into) => {
      writeFileSync(join(into, 'other'), 'x');
    },
  ],
];

describe.runIf(process.getuid?.() === 0)('excluding a folder', () => {
  test.each(spoiled)('leaves the folder as it was where its copy %s', async (_how, spoil) => {
    const files = { 'Work/thesis': 'chapter 1', 'Work/notes': 'n', novel: 'Call me Ishmael.' };
    await atRest(files);
    await expect(addFolders(withCopies(spoil), ['Work'])).rejects.toMatchObject({ code: 'command-failed' });
    expect(filesOf(home)).toEqual(files);
    expect(await listFolders(world.a.session(), true)).toMatchObject([{ path: 'Work', here: 'incomplete' }]);
    // The copy says of itself that it is not whole: it is made anew.
    expect(await addFolders(world.a.session(), ['Work'])).toMatchObject({ folders: [{ outcome: 'moved' }] });
    expect(filesOf(folderDataset(home, 'Work'))).toEqual({ thesis: 'chapter 1', notes: 'n' });
  });

  test.each(spoiled)(
    'keeps it excluded, and whole, where the copy that brings it back %s',
    async (_how, spoil) => {
      await atRest({ 'Work/thesis': 'chapter 1', 'Work/notes': 'n' });
      await addFolders(world.a.session(), ['Work']);
      await expect(removeFolders(withCopies(spoil), ['Work'])).rejects.toMatchObject({
        code: 'command-failed',
      });
      expect(filesOf(folderDataset(home, 'Work'))).toEqual({ thesis: 'chapter 1', notes: 'n' });
      expect(await listFolders(world.a.session(), true)).toMatchObject([
        { path: 'Work', onList: true, here: 'whole' },
      ]);
      await removeFolders(world.a.session(), ['Work']);
      expect(filesOf(home)).toEqual({ 'Work/thesis': 'chapter 1', 'Work/notes': 'n' });
    },
  );

  test('removes nothing of a folder in the home that its dataset does not hold too', async () => {
    await atRest({ 'Work/thesis': 'chapter 1' });
    await addFolders(world.a.session(), ['Work']);
    await beneath(() => {
      world.a.put('Work/only in the home', 'today');
      world.a.put('Work/thesis', 'chapter 2');
    });
    await expect(addFolders(world.a.session(), ['Work'])).rejects.toMatchObject({ code: 'in-the-way' });
    expect(filesOf(home)).toEqual({ 'Work/only in the home': 'today', 'Work/thesis': 'chapter 2' });
    expect(filesOf(folderDataset(home, 'Work'))).toEqual({ thesis: 'chapter 1' });
    // The remedy: both are in the home then, side by side.
    expect(await removeFolders(world.a.session(), ['Work'])).toMatchObject({
      folders: [{ as: 'Work (was excluded)' }],
    });
    expect(filesOf(home)).toEqual({
      'Work/only in the home': 'today',
      'Work/thesis': 'chapter 2',
      'Work (was excluded)/thesis': 'chapter 1',
    });
  });

  test('removes no file of it in the home that others may not read, where that of its dataset lets them', async () => {
    const { a } = world;
    await atRest({ 'Work/thesis': 'chapter 1' });
    await addFolders(a.session(), ['Work']);
    await a.login();
    const { mtime } = statSync(a.at('Work/thesis'));
    await a.logout();
    await beneath(() => {
      a.put('Work/thesis', 'chapter 1');
      utimesSync(a.at('Work/thesis'), mtime, mtime);
      chmodSync(a.at('Work/thesis'), 0o600);
    });
    await expect(addFolders(a.session(), ['Work'])).rejects.toMatchObject({ code: 'in-the-way' });
    await beneath(() => {
      expect(statSync(a.at('Work/thesis')).mode & 0o777).toBe(0o600);
      chmodSync(a.at('Work/thesis'), 0o644);
    });
    expect(await addFolders(a.session(), ['Work'])).toMatchObject({ folders: [{ outcome: 'moved' }] });
    expect(filesOf(home)).toEqual({});
  });

  test('removes what is left of it in the home where its dataset holds all of that', async () => {
    await atRest({ 'Work/thesis': 'chapter 1', 'Work/notes': 'n' });
    const [thesis, notes] = ['Work/thesis', 'Work/notes'];
    await addFolders(world.a.session(), ['Work']);
    await world.a.login();
    world.a.put(`${notes} of today`, 'only in the dataset');
    await world.a.logout();
    expect(filesOf(home)).toEqual({});
    expect(await addFolders(world.a.session(), ['Work'])).toMatchObject({
      folders: [{ outcome: 'already' }],
    });
    expect(Object.keys(filesOf(folderDataset(home, 'Work'))).sort()).toEqual([
      notes.slice(5),
      'notes of today',
      thesis.slice(5),
    ]);
  });

  test('moves nothing while what is here and what is on the server cannot be brought together', async () => {
    const { a, server, serverMachine } = world;
    await atRest({ 'Work/thesis': 'chapter 1' });
    await beneath(() => {
      a.put('Work/thesis', 'chapter 2');
    });
    // Something writes into the copy on the server, which takes nothing of this Mac's line then.
    expect(await server.run(['zfs', 'set', 'mountpoint=/mnt', home])).toMatchObject({ exitCode: 0 });
    mountedFiles(serverMachine, home).write('stray', 'by an admin');
    await expect(addFolders(a.session(), ['Work'])).rejects.toMatchObject({ code: 'diverged' });
    expect(filesOf(home)).toEqual({ 'Work/thesis': 'chapter 2' });
    expect(a.machine.datasets.has(folderDataset(home, 'Work'))).toBe(false);
    expect(await listFolders(a.session(), true)).toEqual([]);
  });

  test('adds to the list of those that are excluded, and takes away only what it is told to', async () => {
    const { a, b } = world;
    await atRest({ 'Work/x': 'x', 'Films/y': 'y', 'Music/z': 'z' });
    await addFolders(a.session(), ['Work']);
    await addFolders(a.session(), ['Films', 'Music']);
    const listed = async (): Promise<readonly unknown[]> =>
      (await listFolders(a.session(), true)).map(({ path, onList, here }) => [path, onList, here]);
    expect(await listed()).toEqual([
      ['Films', true, 'whole'],
      ['Music', true, 'whole'],
      ['Work', true, 'whole'],
    ]);
    await b.login();
    for (const folder of ['Work', 'Films', 'Music'])
      expect(b.machine.datasets.get(folderDataset(home, folder))?.mounted).not.toBeNull();
    await b.logout();
    await removeFolders(a.session(), ['Films']);
    expect(await listed()).toEqual([
      ['Music', true, 'whole'],
      ['Work', true, 'whole'],
    ]);
    expect(filesOf(home)).toEqual({ 'Films/y': 'y' });
  });

  test('refuses two of which one lies in the other, and a folder with a dataset in it, and changes nothing', async () => {
    const { a } = world;
    a.put('Work/deep/x', 'x');
    await a.zfs('create', '-o', 'canmount=noauto', `${home}/Boxes`);
    await atRest({});
    for (const paths of [['Work', 'Work/deep'], ['Work/deep', 'Work'], ['Boxes']])
      await expect(addFolders(a.session(), paths), paths.join(' ')).rejects.toMatchObject({ code: 'usage' });
    await expect(removeFolders(a.session(), ['Work'])).rejects.toMatchObject({ code: 'usage' });
    expect(await listFolders(a.session(), true)).toEqual([]);
    expect(filesOf(home)).toEqual({ 'Work/deep/x': 'x' });
  });

  test('refuses a folder above a dataset of the home', async () => {
    const { a } = world;
    a.put('Work/x', 'x');
    await a.zfs('create', '-o', 'canmount=off', `${home}/Work`);
    await a.zfs('create', '-o', 'canmount=noauto', `${home}/Work/box`);
    await atRest({});
    await expect(addFolders(a.session(), ['Work'])).rejects.toMatchObject({ code: 'usage' });
    expect(await listFolders(a.session(), true)).toEqual([]);
    expect(filesOf(home)).toEqual({ 'Work/x': 'x' });
  });

  test('notes that the change waits where the server goes away before it is sent', async () => {
    const { a } = world;
    await atRest({ 'Work/x': 'x' });
    const session = a.session();
    let asked = 0;
    const away = async (): Promise<void> => {
      asked += 1;
      await Promise.resolve();
      if (asked > 1) throw new Error('away');
    };
    const done = await addFolders({ ...session, server: { ...session.server, connect: away } }, ['Work']);
    expect(done).toMatchObject({ folders: [{ outcome: 'moved' }], pending: true });
    expect(done.problems).toHaveLength(1);
    expect((await session.spool.list()).map(({ user }) => user)).toEqual(['alice']);
    expect(existsSync(a.at('Work')) ? readdirSync(a.at('Work')) : []).toEqual([]);
    await a.login();
    expect(readFileSync(a.at('Work/x'), 'utf8')).toBe('x');
  });

  test('keeps a folder from being mounted by the system, where nobody has looked at the way to it', async () => {
    const { a } = world;
    await atRest({ 'Work/x': 'x' });
    await addFolders(a.session(), ['Work']);
    const dataset = folderDataset(home, 'Work');
    await a.zfs('set', 'mountpoint=none', dataset);
    await a.zfs('set', 'canmount=on', dataset);
    expect(await a.login()).toMatchObject({ mounted: true, problems: [] });
    expect(readFileSync(a.at('Work/x'), 'utf8')).toBe('x');
    expect(a.machine.datasets.get(dataset)?.properties.get('canmount')?.value).toBe('noauto');
  });
});
