import { expect, test } from 'vitest';
import { discardConflict } from '../../../src/homes/conflicts/discard.ts';
import { fetchConflict } from '../../../src/homes/conflicts/fetch-conflict.ts';
import { parseDatasetName } from '../../../src/zfs/names.ts';
import { createSyncZfs } from '../../../src/zfs/sync-zfs.ts';
import { FaultyRun } from '../../support/model/faults.ts';
import { inHome } from '../../support/model/invariants.ts';
import {
  copyWorld,
  createWorld,
  edit,
  losePower,
  pushFrom,
  runAgent,
  sessionOn,
  type Mac,
  type World,
} from '../../support/model/world.ts';

/** Both Macs have the raw home, and worked at once: the first, or the other, has a conflict at its next login. */
async function conflictOn(index: 0 | 1): Promise<{ world: World; mac: Mac }> {
  const world = await createWorld({ children: true, raw: true });
  const mac = world.macs[index]!;
  const other = world.macs[1 - index]!;
  const session = async (at: Mac): Promise<void> => {
    world.now += 60_000;
    await runAgent(world, at, 'login', null);
    edit(world, at);
    await runAgent(world, at, 'logout', null);
  };
  await session(world.macs[0]!);
  await session(world.macs[1]!);
  mac.online = false;
  await session(mac);
  mac.online = true;
  await session(other);
  return { world, mac };
}

const asText = (mac: Mac): string =>
  [...mac.machine.datasets.values()].map(({ name, mounted }) => `${name} ${mounted !== null}`).join('\n');

test.each([0, 1] as const)(
  'a raw home with datasets below it is whole after a conflict on Mac %i, also after a restart',
  async (index) => {
    const { world, mac } = await conflictOn(index);
    const stays = inHome(mac.machine).filter((one) => one.includes('/caches'));
    for (let round = 1; round <= 2; round++) {
      const report = await runAgent(world, mac, 'login', null);
      expect(report).toMatchObject({ mounted: true, problems: [] });
      const mounted = [...mac.machine.datasets.values()].filter((one) => one.mounted !== null);
      const names = mounted.map(({ name }) => name.slice('data/profiles/'.length)).sort();
      expect(names, asText(mac)).toEqual(['alice', ...(index === 0 ? ['alice/caches'] : []), 'alice/mail']);
      expect(inHome(mac.machine)).toEqual(expect.arrayContaining(stays));
      // Nobody has its keys after that.
      losePower(mac);
    }
  },
);

test('a raw home is pending until what stands in its way on the server is removed, as it is told', async () => {
  const world = await createWorld({ children: true, raw: true });
  const [first, second] = world.macs as readonly [Mac, Mac, Mac];
  for (const at of [first, second]) {
    await runAgent(world, at, 'login', null);
    edit(world, at);
    await runAgent(world, at, 'logout', null);
  }
  await runAgent(world, first, 'login', null);
  edit(world, first);
  // Another tool snapshots the server, and the other Mac has that too by now.
  await world.admin.run(['zfs', 'snapshot', '-r', 'data/profiles/alice@tool']);
  await runAgent(world, second, 'login', null);
  const report = await runAgent(world, first, 'logout', null);
  expect(report).toMatchObject({ pending: true, problems: [] });
  const [, remedy = ''] = /`(zfs destroy [^`]+)` there/.exec(report?.warnings[0] ?? '') ?? [];
  for (const command of remedy.split('; '))
    expect(await world.admin.run(['zfs', ...command.split(' ').slice(1)])).toMatchObject({ exitCode: 0 });
  expect(await pushFrom(world, first, null)).toMatchObject({ outcome: 'sent', problems: [] });
  expect(first.pending.size).toBe(0);
  await runAgent(world, second, 'logout', null);
  expect(await runAgent(world, second, 'login', null)).toMatchObject({ mounted: true, problems: [] });
  const synced = (at: Mac): readonly string[] => inHome(at.machine).filter((one) => !one.includes('/caches'));
  expect([...synced(second)].sort()).toEqual([...synced(first)].sort());
});

test('a conflict that hangs on what stands in the way of a raw home is fetched and discarded first, as it is told', async () => {
  const world = await createWorld({ children: false, raw: true });
  const [first, second] = world.macs as readonly [Mac, Mac, Mac];
  await runAgent(world, first, 'login', null);
  edit(world, first);
  await runAgent(world, first, 'logout', null);
  await runAgent(world, second, 'login', null);
  await runAgent(world, second, 'logout', null);
  await runAgent(world, first, 'login', null);
  const ok = async (words: string): Promise<void> => {
    expect(await world.admin.run(['zfs', ...words.split(' ')])).toMatchObject({ stderr: '', exitCode: 0 });
  };
  // As a version before made its branches; or an admin has one.
  await ok('snapshot data/profiles/alice@tool');
  const name = 'alice-mac2-20261120T064500Z';
  await ok(`clone -o roamhome:conflict=alice data/profiles/alice@tool data/profiles-conflicts/${name}`);
  await ok(`snapshot data/profiles-conflicts/${name}@its-own`);
  edit(world, first);
  const { warnings = [] } = (await runAgent(world, first, 'logout', null)) ?? {};
  const [, destroy = '', advice = ''] =
    /`(zfs destroy [^`]+)` there removes it \((.*?)\)/.exec(warnings.join()) ?? [];
  const removeIt = () => world.admin.run(['zfs', ...destroy.split(' ').slice(1)]);
  expect((await removeIt()).stderr).toContain(`snapshot has dependent clones`);
  expect([...advice.matchAll(/`roamhome ([^`]+)`/g)].map(([, command]) => command)).toEqual([
    'conflicts fetch NAME',
    'conflicts discard NAME --server',
  ]);
  const session = sessionOn(world, first, new FaultyRun(null));
  const branch = parseDatasetName(`data/profiles-conflicts/${name}`);
  await fetchConflict(session, { branch, name });
  const conflictsRoot = parseDatasetName('data/profiles-conflicts');
  const zfs = createSyncZfs(world.admin, { command: () => undefined, warning: () => undefined });
  const confirm = () => Promise.resolve(true);
  await discardConflict({
    zfs,
    conflictsRoot,
    conflict: branch,
    elsewhere: null,
    confirm,
    signal: session.signal,
  });
  expect(await removeIt()).toMatchObject({ stderr: '', exitCode: 0 });
  expect(await pushFrom(world, first, null)).toMatchObject({ outcome: 'sent', problems: [] });
  // What was in the conflict is on this Mac, and hangs on nothing of the home.
  const fetched = first.machine.datasets.get(branch);
  expect(fetched?.snapshots.map(({ short }) => short)).toContain('its-own');
  expect(fetched?.origin).toBeNull();
});

test('what is not synced of a raw home comes back to it where it was left with a conflict', async () => {
  const { world, mac } = await conflictOn(0);
  const stays = inHome(mac.machine).filter((one) => one.includes('/caches'));
  // The names are changed, and the run is killed before what stays has followed.
  for (let command = 1; ; command++) {
    const copy = copyWorld(world);
    const at = copy.macs[0]!;
    await runAgent(copy, at, 'login', { kind: 'killed', when: 'before', command });
    const left = [...at.machine.datasets.keys()].some((name) => /conflicts\/.*caches$/.test(name));
    if (!left) {
      if (command > 60) expect.fail('no run was killed in between');
      continue;
    }
    if (!at.machine.datasets.has('data/profiles/alice')) continue;
    expect(await runAgent(copy, at, 'login', null)).toMatchObject({ mounted: true, problems: [] });
    expect(inHome(at.machine)).toEqual(expect.arrayContaining(stays));
    return;
  }
});
