import { expect, test } from 'vitest';
import { isRoamhomeError } from '../../../src/errors/errors.ts';
import { relate } from '../../../src/sync/relation.ts';
import { collectStatus } from '../../../src/homes/status/collect.ts';
import { mountedFiles } from '../../../src/simulator/files/files.ts';
import { tend } from '../../../src/homes/tending/tend.ts';
import { listHomes } from '../../../src/thinning/plan-homes.ts';
import { thinHomes } from '../../../src/thinning/thin-homes.ts';
import { createSyncZfs } from '../../../src/zfs/sync-zfs.ts';
import { forgeSnapshot } from '../../support/model/forge.ts';
import { FaultyRun } from '../../support/model/faults.ts';
import {
  createWorld,
  edit,
  isMounted,
  runAgent,
  tendingOf,
  thinningOf,
  thinOn,
  type Mac,
  type World,
} from '../../support/model/world.ts';
import { dataset, localHome, serverHome } from '../../support/sync/homes.ts';

const home = 'data/profiles/alice';

test.each([
  ['the server has one guid twice', '@a:1 @x:3', '@a:1 @x:3 @f:9=3'],
  ['this Mac has one guid twice', '@a:1 @x:3 @f:9=3', '@a:1 @x:3'],
  ['this Mac has nothing yet', '', '@a:1 @x:3 @f:9=3'],
  ['the later has the guid of one that the server has as a bookmark alone', '@a:1 @x:3', '#a:1 @x:3 @f:9=1'],
  ['the later has the guid of one that is gone there', '@a:1 @x:3', '@x:3 @f:9=1'],
])('a guid does not tell what is meant where %s', (_what, mac, server) => {
  const pair = { path: '', local: dataset(localHome, '', mac), server: dataset(serverHome, '', server) };
  expect(relate({ ...pair, local: mac === '' ? null : pair.local })).toMatchObject({ kind: 'doubled' });
});

test.each([
  ['a bookmark beside its snapshot', '@a:1 #a2:1=1 @x:3', '@a:1 #b:1=1 @x:3', 'equal'],
  ['a bookmark in the place of a snapshot', '#a:1 @x:3', '@a:1 @x:3 @n:9', 'behind'],
])('%s is no second snapshot', (_what, mac, server, want) => {
  const pair = { path: '', local: dataset(localHome, '', mac), server: dataset(serverHome, '', server) };
  expect(relate(pair).kind).toBe(want);
});

/** A home that both sides have, on whose head the server has something else under the same guid. */
async function forged(): Promise<{ world: World; mac: Mac }> {
  const world = await createWorld({ children: true });
  const mac = world.macs[0]!;
  edit(world, mac);
  await runAgent(world, mac, 'logout', null);
  const head = world.server.datasets.get(home)!.snapshots.at(-1)!;
  forgeSnapshot(world.server, home, { guid: head.guid });
  return { world, mac };
}

test('a login with two snapshots of one guid on the server mounts what is here, and says so; the rest of the home goes on', async () => {
  const { world, mac } = await forged();
  const before = mac.machine.datasets.get(home)!.snapshots.length;
  const report = await runAgent(world, mac, 'login', null);
  expect(report?.mounted).toBe(true);
  expect(report?.problems.map((error) => isRoamhomeError(error, 'guid-doubled'))).toEqual([true]);
  expect(report?.problems[0]?.message).toContain('have one guid');
  edit(world, mac);
  const out = await runAgent(world, mac, 'logout', null);
  expect(out).toMatchObject({ pending: true, secured: true });
  expect(isMounted(mac)).toBe(false);
  expect(mac.machine.datasets.get(home)!.snapshots.length).toBe(before + 1);
  const mail = (machine: World['server']) => machine.datasets.get(`${home}/mail`)!.snapshots.at(-1)!.guid;
  expect(mail(world.server)).toBe(mail(mac.machine));

  const status = await collectStatus({
    local: { zfs: zfsOf(mac.root), root: 'data/profiles' as never },
    server: { zfs: zfsOf(mac.toServer), root: 'data/profiles' as never },
    ...{ conflictsRoot: null, user: null, pending: [], signal: new AbortController().signal },
  });
  expect(status.homes).toMatchObject([{ state: 'unclear', doubled: [expect.stringContaining('one guid')] }]);
});

test('a Mac that has nothing of a home takes none of it from two snapshots of one guid', async () => {
  const { world } = await forged();
  const other = world.macs[1]!;
  const report = await runAgent(world, other, 'login', null);
  expect(report?.problems[0]).toMatchObject({ code: 'guid-doubled' });
  expect(other.machine.datasets.get(home)).toBe(undefined);
});

const zfsOf = (host: Mac['root']) =>
  createSyncZfs(host, { command: () => undefined, warning: () => undefined });

test('thinning leaves a dataset with two snapshots of one guid alone, says so, and goes on with the others', async () => {
  const { world, mac } = await forged();
  await runAgent(world, mac, 'login', null);
  for (let i = 0; i < 3; i++) {
    edit(world, mac);
    await mac.root.run(['zfs', 'snapshot', '-r', `${home}@roamhome-${i}`]);
  }
  await runAgent(world, mac, 'logout', null);
  const count = (where: World['server'], name: string) => where.datasets.get(name)!.snapshots.length;
  const [here, there, mail] = [
    count(mac.machine, home),
    count(world.server, home),
    count(world.server, `${home}/mail`),
  ];
  expect(mail).toBeGreaterThan(1);
  const job = thinningOf(world, 'server', new FaultyRun(null));
  const report = await thinHomes(job, await listHomes(job));
  expect(report.problems).toMatchObject([{ code: 'guid-doubled' }]);
  expect([count(world.server, home), count(world.server, `${home}/mail`)]).toEqual([there, 1]);
  // What the server shows under a guid is not known to be what this Mac has under it.
  await thinOn(world, mac, null);
  expect(count(mac.machine, home)).toBe(here);
});

test('tending takes no proof from a home with two snapshots of one guid', async () => {
  const world = await createWorld({ children: false });
  const [first, second] = world.macs as readonly [Mac, Mac];
  edit(world, first);
  await runAgent(world, first, 'logout', null);
  await runAgent(world, second, 'login', null);
  await runAgent(world, first, 'login', null);
  edit(world, second);
  await runAgent(world, second, 'logout', null);
  edit(world, first);
  mountedFiles(first.machine, home).write('only-here', 'a year of work');
  await runAgent(world, first, 'logout', null);
  const branch = [...world.server.datasets.keys()].find((name) =>
    name.startsWith('data/profiles-conflicts/'),
  )!;
  const head = world.server.datasets.get(branch)!.snapshots.at(-1)!;
  // The guid of the branch's head, twice: one that is hidden behind the other would be believed.
  for (const _ of [1, 2]) forgeSnapshot(world.server, home, { guid: head.guid });
  const report = await tend(tendingOf(world));
  expect(report).toMatchObject({ removed: [], problems: [{ code: 'guid-doubled' }] });
  expect(world.server.datasets.has(branch)).toBe(true);
});
