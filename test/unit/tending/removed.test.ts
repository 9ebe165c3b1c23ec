import { expect, test } from 'vitest';
import { mountedFiles } from '../../../src/simulator/files.ts';
import { createSimulatedHost } from '../../../src/simulator/host.ts';
import type { Snapshot } from '../../../src/simulator/model.ts';
import { removedAt, removedName, removedRootOf } from '../../../src/tending/removed.ts';
import { describeTend } from '../../../src/tending/plan-tend.ts';
import { planTending, tend } from '../../../src/tending/tend.ts';
import type { DatasetName } from '../../../src/zfs/names.ts';
import { forgeSnapshot } from '../../property/model/forge.ts';
import { createWorld, edit, runAgent, tendingOf, type Mac, type World } from '../../property/model/world.ts';

const home = 'data/profiles/alice';
const day = 86_400_000;

/** The second Mac's work lies on a branch on the server, and nowhere else there. */
async function withBranch(
  bytes: number,
  options: { readonly raw?: boolean } = {},
): Promise<{ world: World; branch: string; head: Snapshot }> {
  const world = await createWorld({ children: false, ...options });
  const [first, second] = world.macs as readonly [Mac, Mac];
  edit(world, first);
  await runAgent(world, first, 'logout', null);
  await runAgent(world, second, 'login', null);
  await runAgent(world, first, 'login', null);
  edit(world, first);
  await runAgent(world, first, 'logout', null);
  mountedFiles(second.machine, home).write('novel', 'a year of work'.padEnd(bytes, '.'));
  await runAgent(world, second, 'logout', null);
  const branch = [...world.server.datasets.keys()].find((name) =>
    name.startsWith('data/profiles-conflicts/'),
  )!;
  return { world, branch, head: world.server.datasets.get(branch)!.snapshots.at(-1)! };
}

const novels = (world: World): string[] =>
  [...world.server.datasets.values()]
    .filter(({ snapshots }) => snapshots.some(({ tree }) => tree.has('novel')))
    .map(({ name }) => name);

test('a branch stays where nothing but a guid in a stream says that its home has it', async () => {
  for (const forged of [
    // Another time, and less than the branch holds.
    { creation: 1_700_000_000 },
    { written: 4096 },
  ]) {
    const { world, branch, head } = await withBranch(500_000);
    const { guid, creation, written } = head;
    forgeSnapshot(world.server, home, { guid, creation, written, ...forged });
    const report = await tend(tendingOf(world));
    expect(report).toMatchObject({ removed: [], unproven: [branch], problems: [] });
    expect(novels(world)).toEqual([branch]);
  }
});

test('a branch that nobody on the server can read stays until an admin discards it', async () => {
  const { world, branch, head } = await withBranch(500_000, { raw: true });
  const { guid, creation, written } = head;
  forgeSnapshot(world.server, home, { guid, creation, written });
  expect(await tend(tendingOf(world))).toMatchObject({ removed: [], unproven: [branch], problems: [] });
  expect(describeTend(await planTending(tendingOf(world))).join('\n')).toMatch(
    /stays: it is encrypted.*`roamhome conflicts discard alice-mac1-.* --server` destroys it/,
  );
  expect(novels(world)).toEqual([branch]);
});

test('what is made up to the last byte destroys nothing for a month: root keeps the branch where no key may do anything', async () => {
  const { world, branch, head } = await withBranch(500_000);
  const { guid, creation, written } = head;
  forgeSnapshot(world.server, home, { guid, creation, written });
  expect(await tend(tendingOf(world))).toMatchObject({ removed: [branch], problems: [] });
  const [kept = '', ...more] = novels(world);
  expect([kept.startsWith('data/roamhome-removed/alice-mac1-'), more]).toEqual([true, []]);
  const get = await world.admin.run(['zfs', 'get', '-H', '-o', 'value', 'readonly,mountpoint', kept]);
  expect(get.stdout).toBe('on\nnone\n');
  const account = createSimulatedHost({ name: 'server', machine: world.server, user: 'zfs_mobile_sync' });
  for (const words of [`destroy -r ${kept}`, `rename ${kept} ${branch}`, `snapshot ${kept}@x`])
    expect((await account.run(['zfs', ...words.split(' ')])).exitCode).not.toBe(0);

  world.now += 29 * day;
  expect(await tend(tendingOf(world))).toMatchObject({ destroyed: [], problems: [] });
  expect(novels(world)).toEqual([kept]);
  world.now += day;
  expect(await tend(tendingOf(world))).toMatchObject({ destroyed: [kept], problems: [] });
  expect(novels(world)).toEqual([]);
});

test('what comes to a branch while it is removed brings it back', async () => {
  const { world, branch, head } = await withBranch(10);
  const { guid, creation, written } = head;
  forgeSnapshot(world.server, home, { guid, creation, written });
  const job = tendingOf(world);
  const report = await tend({
    ...job,
    memory: {
      ...job.memory,
      // After the plan, before the rename.
      write: (memory) => {
        forgeSnapshot(world.server, branch, {});
        return job.memory.write(memory);
      },
    },
  });
  expect(report).toMatchObject({ removed: [], busy: [branch], problems: [] });
  expect(novels(world)).toEqual([branch]);
});

test('the name of what is kept says when it was removed', () => {
  const root = removedRootOf('tank/a/conflicts' as DatasetName);
  expect(root).toBe('tank/a/roamhome-removed');
  const name = removedName(root, 'tank/a/conflicts/x' as DatasetName, Date.UTC(2026, 10, 30, 19, 5, 7, 9));
  expect(name).toBe('tank/a/roamhome-removed/x.removed-20261130T190507Z');
  expect(removedAt(name!)).toBe(Date.UTC(2026, 10, 30, 19, 5, 7));
  expect(removedAt('tank/a/roamhome-removed/x' as DatasetName)).toBe(null);
  expect(removedName(root, `tank/${'x'.repeat(230)}` as DatasetName, 0)).toBe(null);
});
