import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addFolders } from '../../../../src/homes/excluded/add-folders.ts';
import { listFolders } from '../../../../src/homes/excluded/list-folders.ts';
import { removeFolders } from '../../../../src/homes/excluded/remove-folders.ts';
import { dryRun } from '../../../../src/homes/dry-run.ts';
import { login } from '../../../../src/homes/login.ts';
import { folderDataset } from '../../../../src/homes/mount/excluded-folders.ts';
import { treeOf } from '../../../../src/simulator/files/files.ts';
import type { Machine } from '../../../../src/simulator/machine.ts';
import { codes } from '../../../support/homes/fake-session.ts';
import { createExcludeWorld, home, Killed, type ExcludeWorld } from './exclude-macs.ts';

/** Blanks, quotes, a newline, a tab, and a letter that is decomposed. */
const hard = `it's "the"\n te\u0301\tx`;

let world: ExcludeWorld;

beforeEach(async () => {
  world = await createExcludeWorld();
});

afterEach(() => {
  world.remove();
});

/** All of a folder: kind, mode, owner, time and content of each path. */
function describeTree(top: string, below = ''): readonly string[] {
  const at = join(top, below);
  const found = lstatSync(at);
  const what = found.isSymbolicLink()
    ? `-> ${readlinkSync(at)}`
    : found.isFile()
      ? `${readFileSync(at, 'utf8')} ${Math.floor(found.mtimeMs / 1000)}`
      : 'directory';
  const own = `${JSON.stringify(below)} ${(found.mode & 0o7777).toString(8)} ${found.uid}:${found.gid} ${what}`;
  return found.isDirectory()
    ? [
        own,
        ...readdirSync(at)
          .sort()
          .flatMap((name) => describeTree(top, join(below, name))),
      ]
    : [own];
}

function fill(folder: string, files: number): void {
  const { a } = world;
  for (let i = 0; i < files; i++) {
    const file = `${folder}/d${i % 3}/${i} ${hard}`;
    a.put(file, `content ${i}`);
    chmodSync(a.at(file), [0o644, 0o600, 0o755][i % 3] ?? 0o644);
    utimesSync(a.at(file), 1_600_000_000 + i, 1_600_000_000 + i);
  }
  execFileSync('ln', ['-s', '/etc/passwd', a.at(`${folder}/link`)]);
  execFileSync('chown', ['-h', '65534:65534', a.at(`${folder}/link`)]);
  mkdirSync(a.at(`${folder}/empty`), { mode: 0o700 });
  chmodSync(a.at(folder), 0o711);
}

const filesIn = (machine: Machine, dataset: string, folder = ''): readonly string[] =>
  [...treeOf(machine, dataset).keys()].filter(
    (path) => path.startsWith(folder === '' ? '' : `${folder}/`) && path !== '',
  );

async function loginOn(mac: ExcludeWorld['a']): Promise<void> {
  const { problems, mounted, warnings } = await mac.login();
  expect({ problems, mounted, warnings }).toEqual({ problems: [], mounted: true, warnings: [] });
}

async function logoutOn(mac: ExcludeWorld['a']): Promise<void> {
  expect(await mac.logout()).toMatchObject({ problems: [], mounted: false, pending: false });
}

describe.runIf(process.getuid?.() === 0)('an excluded folder', () => {
  test.each(['Downloads', `Library/${hard}`])(
    'and 4: %j is moved out, stays on its Mac, and is there, empty, on the other',
    async (folder) => {
      const { a, b, server } = world;
      fill(folder, 30);
      a.put('novel', 'Call me Ishmael.');
      const before = describeTree(a.at(folder));
      await logoutOn(a);
      expect(await addFolders(a.session(), [folder])).toMatchObject({
        folders: [{ path: folder, outcome: 'moved' }],
        pending: false,
        problems: [],
        warnings: [],
      });
      expect(filesIn(a.machine, home, folder)).toEqual([]);

      const planned = (await dryRun(a.session(), 'login')).at(-1);
      expect(planned).toMatchObject({
        words: `mount the excluded folder ${JSON.stringify(folder)}`,
        commands: [{ argv: ['zfs', 'mount', folderDataset(home, folder)] }],
      });
      await loginOn(a);
      expect(describeTree(a.at(folder))).toEqual(before);
      expect(readFileSync(a.at('novel'), 'utf8')).toBe('Call me Ishmael.');
      a.put(`${folder}/only here`, 'x'.repeat(100_000));
      world.asked();
      await logoutOn(a);
      expect(world.asked().filter((line) => line.startsWith('receive'))).toEqual([]);

      expect((await dryRun(b.session(), 'login')).at(-1)?.words).toMatch(/^make the excluded folder /);
      await loginOn(b);
      expect(describeTree(b.at(folder))).toEqual(['"" 711 65534:65534 directory']);
      expect(b.machine.datasets.get(folderDataset(home, folder))?.mounted).not.toBeNull();
      b.put(`${folder}/of b`, 'b');
      await logoutOn(b);
      expect(filesIn(world.serverMachine, home, folder)).toEqual([]);
      expect(await server.run(['zfs', 'list', '-Ho', 'name', '-r', home])).toMatchObject({
        stdout: `${home}\n`,
      });
      await loginOn(a);
      expect(describeTree(a.at(folder))).toContain(
        `"only here" 644 65534:65534 ${readFileSync(a.at(`${folder}/only here`), 'utf8')} ${Math.floor(lstatSync(a.at(`${folder}/only here`)).mtimeMs / 1000)}`,
      );
    },
  );

  test('is moved out of a home with a dataset below that has no place', async () => {
    const { a } = world;
    fill('Downloads', 3);
    await logoutOn(a);
    await a.zfs('create', '-o', 'canmount=noauto', '-o', 'mountpoint=none', `${home}/attic`);
    await a.zfs('create', '-o', 'canmount=noauto', '-o', 'mountpoint=legacy', `${home}/cellar`);
    expect(await addFolders(a.session(), ['Downloads'])).toMatchObject({
      folders: [{ path: 'Downloads', outcome: 'moved' }],
      problems: [],
    });
    await loginOn(a);
  });

  test(
    'killed before each of its commands and run again, it is the same tree',
    { timeout: 120_000 },
    async () => {
      const folder = `Library/${hard}`;
      const child = folderDataset(home, folder);
      const contentsOf = (machine: Machine, dataset: string, below = ''): readonly string[] =>
        filesIn(machine, dataset, below)
          .map((path) => treeOf(machine, dataset).get(path))
          .flatMap((entry) => (entry?.kind === 'file' ? [entry.content] : []))
          .sort();
      let commands = 1;
      for (let whole = false; !whole; commands += 1) {
        const { a } = world;
        fill(folder, 6);
        const before = describeTree(a.at(folder));
        await logoutOn(a);
        const contents = contentsOf(a.machine, home, folder);
        whole = await killedAt(() => addFolders(a.session(commands), [folder]));
        const said = a.machine.datasets.get(child)?.properties.get('roamhome:folder')?.value;
        const isComplete = said !== undefined && said !== '/filling';
        // Until it is complete nothing has changed in the home; from then on it has all.
        expect(isComplete ? contentsOf(a.machine, child) : contentsOf(a.machine, home, folder)).toEqual(
          contents,
        );
        const again = await addFolders(a.session(), [folder]);
        expect(again, `killed before command ${commands}`).toMatchObject({
          pending: false,
          problems: [],
          warnings: [],
        });
        expect(await listFolders(a.session(), true)).toMatchObject([
          { path: folder, onList: true, here: 'whole' },
        ]);
        expect(filesIn(a.machine, home, folder)).toEqual([]);
        expect(filesIn(world.serverMachine, home, folder)).toEqual([]);
        await loginOn(a);
        expect(describeTree(a.at(folder)), `killed before command ${commands}`).toEqual(before);
        world.remove();
        world = await createExcludeWorld();
      }
      expect(commands).toBeGreaterThan(20);
    },
  );

  test(
    'a folder comes back, killed before each of its commands too, and the other Mac keeps what it has',
    { timeout: 120_000 },
    async () => {
      let commands = 1;
      for (let whole = false; !whole; commands += 1) {
        const { a, b } = world;
        fill('Downloads', 6);
        await logoutOn(a);
        await addFolders(a.session(), ['Downloads']);
        await loginOn(b);
        b.put('Downloads/of b', 'b');
        await logoutOn(b);
        await loginOn(a);
        a.put('Downloads/more', 'since then');
        const before = describeTree(a.at('Downloads'));
        await logoutOn(a);
        whole = await killedAt(() => removeFolders(a.session(commands), ['Downloads']));
        if (!whole) {
          const isDone = (await listFolders(a.session(), true)).length === 0;
          if (!isDone)
            expect(await removeFolders(a.session(), ['Downloads'])).toMatchObject({
              folders: [{}],
              problems: [],
            });
        }
        expect(await listFolders(a.session(), true)).toEqual([]);
        await loginOn(a);
        expect(describeTree(a.at('Downloads')), `killed before command ${commands}`).toEqual(before);
        expect(readdirSync(a.at('.'))).toEqual(['Downloads']);
        await logoutOn(a);
        if (whole) await keepsItsOwn(b, before);
        world.remove();
        world = await createExcludeWorld();
      }
      expect(commands).toBeGreaterThan(25);
    },
  );

  /** What the second Mac makes of a folder that the first has brought back. */
  async function keepsItsOwn(b: ExcludeWorld['b'], before: readonly string[]): Promise<void> {
    const told = await b.login();
    expect(told).toMatchObject({ problems: [], mounted: true });
    expect(told.warnings).toEqual([
      expect.stringMatching(/"Downloads" is not excluded any more.*is kept in/),
    ]);
    expect(describeTree(b.at('Downloads'))).toEqual(before);
    await logoutOn(b);
    expect((await removeFolders(b.session(), ['Downloads'])).folders).toEqual([
      { path: 'Downloads', as: 'Downloads (was excluded)' },
    ]);
    await loginOn(b);
    expect(describeTree(b.at('Downloads'))).toEqual(before);
    expect(readFileSync(b.at('Downloads (was excluded)/of b'), 'utf8')).toBe('b');
    await logoutOn(b);
  }

  test('a copy that a killed run left half done does not bring back what its user has removed since', async () => {
    const { a } = world;
    a.put('Downloads/x', 'x');
    await logoutOn(a);
    const child = folderDataset(home, 'Downloads');
    for (let commands = 1; ; commands += 1) {
      expect(await killedAt(() => addFolders(a.session(commands), ['Downloads']))).toBe(false);
      if (a.machine.datasets.has(child) && filesIn(a.machine, child, '').length > 0) break;
    }
    // It says that the folder is an ordinary one still.
    await a.login();
    execFileSync('rm', [a.at('Downloads/x')]);
    await logoutOn(a);
    await addFolders(a.session(), ['Downloads']);
    await loginOn(a);
    expect(readdirSync(a.at('Downloads'))).toEqual([]);
    expect(a.machine.datasets.get(child)?.mounted).not.toBeNull();
  });

  test('a login does not finish a copy that a killed run left half done, of files that are gone since', async () => {
    const { a } = world;
    a.put('Downloads/x', 'x');
    await logoutOn(a);
    const child = folderDataset(home, 'Downloads');
    for (let commands = 1; ; commands += 1) {
      expect(await killedAt(() => addFolders(a.session(commands), ['Downloads']))).toBe(false);
      if (a.machine.datasets.has(child) && filesIn(a.machine, child, '').length > 0) break;
    }
    await a.login();
    execFileSync('rm', [a.at('Downloads/x')]);
    await logoutOn(a);
    const { problems, warnings } = await a.login();
    expect(problems).toEqual([]);
    expect(warnings).toEqual([
      expect.stringMatching(/^"Downloads" is to be excluded, but .* holds a part of a copy of it/),
    ]);
    expect(readdirSync(a.at('Downloads'))).toEqual([]);
    // An ordinary folder: what is put there now is synced.
    a.put('Downloads/new', 'new');
    await logoutOn(a);
    expect(filesIn(world.serverMachine, home, 'Downloads')).toEqual(['Downloads/new']);
    expect(await addFolders(a.session(), ['Downloads'])).toMatchObject({ folders: [{ outcome: 'moved' }] });
    await loginOn(a);
    expect(readdirSync(a.at('Downloads'))).toEqual(['new']);
  });

  test('whose dataset does not say any more what it is comes back all the same', async () => {
    const { a } = world;
    a.put('Downloads/x', 'x');
    await logoutOn(a);
    await addFolders(a.session(), ['Downloads']);
    const forget = () => a.zfs('inherit', 'roamhome:folder', folderDataset(home, 'Downloads'));
    await forget();
    expect(await addFolders(a.session(), ['Downloads'])).toMatchObject({ folders: [{ outcome: 'moved' }] });
    await forget();
    await loginOn(a);
    expect(readFileSync(a.at('Downloads/x'), 'utf8')).toBe('x');
    await logoutOn(a);
    await forget();
    await a.zfs('mount', home);
    a.put('Downloads/y', 'y');
    await a.zfs('unmount', home);
    await expect(addFolders(a.session(), ['Downloads'])).rejects.toMatchObject({ code: 'in-the-way' });
    await a.zfs('mount', home);
    execFileSync('rm', [a.at('Downloads/y')]);
    await a.zfs('unmount', home);
    expect(await removeFolders(a.session(), ['Downloads'])).toMatchObject({ folders: [{ as: 'Downloads' }] });
    await loginOn(a);
    expect(readFileSync(a.at('Downloads/x'), 'utf8')).toBe('x');
  });

  test('is left to a login that did not wait for it: what that has mounted stays mounted', async () => {
    const { a } = world;
    a.put('Downloads/x', 'x');
    await logoutOn(a);
    const session = a.session();
    const copyTree: typeof session.folders.copyTree = async () => {
      await a.zfs('set', `mountpoint=${session.mountpoint}`, home);
      throw new Error('it ends');
    };
    const adding = addFolders({ ...session, folders: { ...session.folders, copyTree } }, ['Downloads']);
    await expect(adding).rejects.toThrow('it ends');
    expect(a.machine.datasets.get(home)?.mounted).not.toBeNull();
    expect(readFileSync(a.at('Downloads/x'), 'utf8')).toBe('x');
  });

  test('is refused for a home in use, here or elsewhere, and changes nothing', async () => {
    const { a, b } = world;
    a.put('Downloads/x', 'x');
    await expect(addFolders(a.session(), ['Downloads'])).rejects.toMatchObject({ code: 'home-busy' });
    await logoutOn(a);
    a.runs.processes = 1;
    await expect(addFolders(a.session(), ['Downloads'])).rejects.toThrow(/1 of alice's processes run/);
    a.runs.processes = 0;
    await loginOn(b);
    await expect(addFolders(a.session(), ['Downloads'])).rejects.toMatchObject({
      code: 'logged-in-elsewhere',
    });
    await logoutOn(b);
    expect(a.machine.datasets.has(folderDataset(home, 'Downloads'))).toBe(false);
    expect(await addFolders(a.session(), ['Downloads'])).toMatchObject({ folders: [{ outcome: 'moved' }] });
  });

  test('is nothing that a symlink leads to, and no folder above or below another', async () => {
    const { a } = world;
    a.put('Documents/Caches/x', 'x');
    execFileSync('ln', ['-s', 'Documents', a.at('Library')]);
    await logoutOn(a);
    await expect(addFolders(a.session(), ['Library/Caches'])).rejects.toMatchObject({ code: 'in-the-way' });
    await expect(addFolders(a.session(), ['Library'])).rejects.toMatchObject({ code: 'in-the-way' });
    await addFolders(a.session(), ['Documents/Caches']);
    await expect(addFolders(a.session(), ['Documents'])).rejects.toThrow(/lies above "Documents\/Caches"/);
    await expect(addFolders(a.session(), ['Documents/Caches/deep'])).rejects.toThrow(/lies in/);
    // The user makes one of what leads to it: nothing is mounted where that leads.
    await loginOn(a);
    await a.zfs('unmount', folderDataset(home, 'Documents/Caches'));
    execFileSync('mv', [a.at('Documents'), a.at('Elsewhere')]);
    execFileSync('ln', ['-s', 'Elsewhere', a.at('Documents')]);
    await logoutOn(a);
    const told = await a.login();
    expect(told).toMatchObject({ mounted: true });
    expect(codes(told.problems)).toEqual(['in-the-way']);
    expect(a.machine.datasets.get(folderDataset(home, 'Documents/Caches'))?.mounted).toBeNull();
  });

  test('on the list that the home has files in is left, and told; one that it has not is made', async () => {
    const { a, b, server } = world;
    a.put('Downloads/x', 'x');
    await logoutOn(a);
    await server.run(['zfs', 'set', 'roamhome:excluded=Downloads,Library/Caches,..%2Fx', home]);
    const told = await a.login();
    expect(told.problems).toEqual([]);
    expect(told.warnings).toEqual([
      expect.stringMatching(/has "..%2Fx", which is none/),
      expect.stringMatching(/"Downloads" is to be excluded, but the home has files in it/),
    ]);
    expect(lstatSync(a.at('Library/Caches')).uid).toBe(65_534);
    expect(a.machine.datasets.get(folderDataset(home, 'Library/Caches'))?.mounted).not.toBeNull();
    await logoutOn(a);
    // Without the server: what is here holds.
    await server.run(['zfs', 'set', 'roamhome:excluded=none', home]);
    const away = a.session();
    const refused = Promise.reject(new Error('away'));
    refused.catch(() => undefined);
    const offline = await login({ ...away, server: { ...away.server, connect: () => refused } });
    expect(offline).toMatchObject({ mounted: true, warnings: [] });
    expect(a.machine.datasets.get(folderDataset(home, 'Library/Caches'))?.mounted).not.toBeNull();
    await logoutOn(a);
    await loginOn(b);
  });
});

/** True: it was not killed. */
async function killedAt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof Killed) return false;
    throw error;
  }
}
