import { expect, test } from 'vitest';
import { inHome } from '../../support/model/invariants.ts';
import {
  copyWorld,
  createWorld,
  edit,
  losePower,
  pushFrom,
  runAgent,
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
