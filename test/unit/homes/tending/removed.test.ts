import { expect, test } from 'vitest';
import { RoamhomeError } from '../../../../src/errors/errors.ts';
import { mountedFiles } from '../../../../src/simulator/files/files.ts';
import { createSimulatedHost } from '../../../../src/simulator/host.ts';
import type { Snapshot } from '../../../../src/simulator/model.ts';
import type { Entry } from '../../../../src/simulator/tree.ts';
import { removedAt, removedName, removedRootOf } from '../../../../src/homes/tending/removed.ts';
import { describeTend } from '../../../../src/homes/tending/plan-tend.ts';
import { planTending, tend, type TendOptions } from '../../../../src/homes/tending/tend.ts';
import type { DatasetName, SnapshotName } from '../../../../src/zfs/names.ts';
import { forgeSnapshot } from '../../../support/model/forge.ts';
import {
  createWorld,
  edit,
  runAgent,
  tendingOf,
  type Mac,
  type World,
} from '../../../support/model/world.ts';

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

test('a branch stays where its home has a snapshot of its guid that holds something else, down to the last count', async () => {
  for (const forged of [{}, { creation: 1_700_000_000 }, { written: 4096 }, { written: 10 ** 9 }]) {
    const { world, branch, head } = await withBranch(500_000);
    const { guid, creation, written } = head;
    forgeSnapshot(world.server, home, { guid, creation, written, ...forged });
    const job = tendingOf(world);
    const report = await tend(job);
    expect(report).toMatchObject({ removed: [], unproven: [branch], problems: [] });
    expect(describeTend(await planTending(job)).join('\n')).toMatch(
      /stays: .* holds something else.*`roamhome conflicts discard alice-mac1-.* --server` destroys it/,
    );
    world.now += 40 * day;
    expect(await tend(job)).toMatchObject({ removed: [], destroyed: [], unproven: [branch] });
    expect(novels(world)).toEqual([branch]);
  }
});

test('a file, a mode, a name or a link that is another one keeps a branch', async () => {
  const changes: Readonly<Record<string, (tree: Map<string, Entry>, novel: Entry) => unknown>> = {
    content: (tree, novel) => tree.set('novel', { ...novel, content: '!'.repeat(500) } as Entry),
    mode: (tree, novel) => tree.set('novel', { ...novel, mode: 0o600 }),
    name: (tree, novel) => [tree.set('novel2', novel), tree.delete('novel')],
    link: (tree, novel) =>
      tree.set('novel', { kind: 'symlink', target: '/etc', mode: 0o777, object: novel.object }),
    'one more': (tree, novel) => tree.set('more', novel),
  };
  for (const [what, change] of Object.entries(changes)) {
    const { world, branch, head } = await withBranch(500);
    const tree = new Map(head.tree);
    change(tree, tree.get('novel')!);
    const { guid, creation, written } = head;
    forgeSnapshot(world.server, home, { guid, creation, written, tree });
    expect(await tend(tendingOf(world)), what).toMatchObject({ removed: [], unproven: [branch] });
  }
});

/** The job with a digest that is counted, and that fails at one of them. */
function counted(job: TendOptions, { failAt = 0, error = new Error('killed') } = {}) {
  const read: string[] = [];
  const digestOf = async (snapshot: SnapshotName): Promise<string> => {
    if (read.length + 1 === failAt) throw error;
    read.push(snapshot);
    return job.contents.digestOf(snapshot);
  };
  return { read, job: { ...job, contents: { ...job.contents, digestOf } } };
}

test('a run that is killed while it compares is gone on with, and each snapshot is read once', async () => {
  for (const isSame of [true, false]) {
    const { world, branch, head } = await withBranch(500);
    const { guid, creation, written, tree } = head;
    const forged = forgeSnapshot(world.server, home, { guid, creation, written, ...(isSame && { tree }) });
    const job = tendingOf(world);
    const killed = counted(job, { failAt: 2 });
    await expect(tend(killed.job)).rejects.toThrow('killed');
    expect(killed.read).toEqual([`${branch}@${head.short}`]);
    expect(novels(world)).toContain(branch);
    const next = counted(job);
    expect(await tend(next.job)).toMatchObject({
      problems: [],
      ...(isSame ? { removed: [branch] } : { unproven: [branch] }),
    });
    expect(next.read).toEqual([`${home}@${forged.short}`]);
    const again = counted(job);
    await tend(again.job);
    expect(again.read).toEqual([]);
  }
});

test('what cannot be read is a problem that is told, and the branch stays', async () => {
  const { world, branch, head } = await withBranch(500);
  forgeSnapshot(world.server, home, { guid: head.guid, tree: head.tree });
  const error = new RoamhomeError({ code: 'command-failed', message: 'damaged', remedy: 'None.' });
  const { job } = counted(tendingOf(world), { failAt: 1, error });
  expect(await tend(job)).toMatchObject({ removed: [], problems: [{ code: 'command-failed' }] });
  expect(novels(world)).toContain(branch);
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

test('what is removed is kept for a month, by root, where no key may do anything', async () => {
  const { world, branch, head } = await withBranch(500_000);
  const { guid, tree } = head;
  forgeSnapshot(world.server, home, { guid, tree });
  expect(await tend(tendingOf(world))).toMatchObject({ removed: [branch], problems: [] });
  const [kept = ''] = novels(world).filter((name) => name !== home);
  expect(kept).toMatch(/^data\/roamhome-removed\/alice-mac1-/);
  const get = await world.admin.run(['zfs', 'get', '-H', '-o', 'value', 'readonly,mountpoint', kept]);
  expect(get.stdout).toBe('on\nnone\n');
  const account = createSimulatedHost({ name: 'server', machine: world.server, user: 'zfs_mobile_sync' });
  for (const words of [`destroy -r ${kept}`, `rename ${kept} ${branch}`, `snapshot ${kept}@x`])
    expect((await account.run(['zfs', ...words.split(' ')])).exitCode).not.toBe(0);

  world.now += 29 * day;
  expect(await tend(tendingOf(world))).toMatchObject({ destroyed: [], problems: [] });
  expect(novels(world)).toContain(kept);
  world.now += day;
  expect(await tend(tendingOf(world))).toMatchObject({ destroyed: [kept], problems: [] });
  expect(novels(world)).toEqual([home]);
});

test('what comes to a branch while it is removed brings it back', async () => {
  const { world, branch, head } = await withBranch(10);
  const { guid, tree } = head;
  forgeSnapshot(world.server, home, { guid, tree });
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
  expect(novels(world)).toContain(branch);
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
