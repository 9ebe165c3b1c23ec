import { describe, expect, test } from 'vitest';
import { mountedFiles, readFrom, treeOf, type MountedFiles } from '../../../../src/simulator/files/files.ts';
import { inHome, reachable, rollbacksOf } from '../../../support/model/invariants.ts';
import {
  browse,
  createWorld,
  edit,
  losePower,
  runAgent,
  type Mac,
  type World,
} from '../../../support/model/world.ts';

const home = 'data/profiles/alice';

/** Both Macs have the home, with a folder in it; the user is logged in on the second. */
async function twoMacs(): Promise<{ world: World; first: Mac; second: Mac }> {
  const world = await createWorld({ children: false });
  const [first, second] = world.macs as readonly [Mac, Mac];
  edit(world, first);
  mountedFiles(first.machine, home).write('Documents/letter', 'Dear Bob');
  await runAgent(world, first, 'logout', null);
  await runAgent(world, second, 'login', null);
  return { world, first, second };
}

async function goOn(world: World, mac: Mac): Promise<void> {
  await runAgent(world, mac, 'login', null);
  world.now += 60_000;
  edit(world, mac);
  await runAgent(world, mac, 'logout', null);
}

const nowAt = (mac: Mac, path: string): string | null => readFrom(treeOf(mac.machine, home), path);

describe('a Mac crashed, and the server has moved on', () => {
  const cases: readonly (readonly [string, (files: MountedFiles) => void])[] = [
    [
      '.DS_Store in the home',
      (files) => {
        files.write('.DS_Store', 'view');
      },
    ],
    [
      '.DS_Store in a folder',
      (files) => {
        files.write('Documents/.DS_Store', 'view');
      },
    ],
    [
      "fseventsd's log and Spotlight's index",
      (files) => {
        files.write('.fseventsd/0001', 'log');
        files.write('.Spotlight-V100/Store-V2/index', 'words');
      },
    ],
  ];
  test.each(cases)('what macOS made by itself is no conflict: %s', async (_what, write) => {
    const { world, first, second } = await twoMacs();
    write(mountedFiles(second.machine, home));
    losePower(second);
    await goOn(world, first);
    const report = await runAgent(world, second, 'login', null);
    expect(report).toMatchObject({
      ...{ problems: [], warnings: [], snapshot: null, mounted: true },
      sync: { conflict: null, pushedBytes: 0 },
    });
    expect(rollbacksOf(world)).toBe(1);
    expect(second.givenUp).toEqual([]);
    expect(new Set(inHome(second.machine))).toEqual(new Set(inHome(world.server)));
    expect(nowAt(second, '.DS_Store')).toBeNull();
  });

  const real: readonly (readonly [string, (files: MountedFiles) => void])[] = [
    [
      'a file',
      (files) => {
        files.write('kept-thesis', 'thesis');
      },
    ],
    [
      'a file in the folder',
      (files) => {
        files.write('Documents/kept-thesis', 'thesis');
      },
    ],
    [
      'a file that is gone',
      (files) => {
        files.remove('Documents/letter');
      },
    ],
    [
      'a file renamed',
      (files) => {
        files.rename('Documents/letter', 'Documents/.DS_Store');
      },
    ],
    [
      'the mode of the folder in which another was made',
      (files) => {
        files.write('Documents/.DS_Store', 'view');
        files.setMode('Documents', 0o700);
      },
    ],
    [
      'a folder of such a name',
      (files) => {
        files.write('Documents/.DS_Store/kept-thesis', 'thesis');
      },
    ],
    [
      'a link of such a name',
      (files) => {
        files.symlink('Documents/.DS_Store', 'letter');
      },
    ],
    [
      'such a name deeper than macOS makes it',
      (files) => {
        files.write('Documents/.fseventsd/1', 'thesis');
      },
    ],
  ];
  test.each(real)('one thing of the user besides makes a conflict as ever: %s', async (_what, write) => {
    const { world, first, second } = await twoMacs();
    const files = mountedFiles(second.machine, home);
    files.write('.DS_Store', 'view');
    write(files);
    const before = treeOf(second.machine, home);
    losePower(second);
    await goOn(world, first);
    const report = await runAgent(world, second, 'login', null);
    expect(report).toMatchObject({ problems: [], mounted: true, sync: { conflict: { kind: 'diverged' } } });
    expect(report?.snapshot).not.toBeNull();
    expect(rollbacksOf(world)).toBe(0);
    const kept = [...second.machine.datasets.values()].flatMap(({ snapshots }) =>
      snapshots.map(({ tree }) => tree),
    );
    expect(kept).toContain(before);
  });
});

describe('nobody else has gone on', () => {
  test('what macOS made stays in the home, without a snapshot, and goes with the next', async () => {
    const { world, first, second } = await twoMacs();
    browse(world, second);
    const view = nowAt(second, '.DS_Store');
    const out = await runAgent(world, second, 'logout', null);
    expect(out).toMatchObject({ problems: [], snapshot: null, pending: false, sync: { wasEqual: true } });
    const back = await runAgent(world, second, 'login', null);
    expect(back).toMatchObject({ problems: [], snapshot: null, sync: { wasEqual: true } });
    expect(nowAt(second, '.DS_Store')).toBe(view);
    edit(world, second);
    expect((await runAgent(world, second, 'logout', null))?.snapshot).not.toBeNull();
    await runAgent(world, first, 'login', null);
    expect(nowAt(first, '.DS_Store')).toBe(view);
    expect(rollbacksOf(world)).toBe(0);
    expect(reachable(world).size).toBe(2);
  });
});
