import { expect, test } from 'vitest';
import { createWorld, edit, runAgent, type Mac, type World } from '../../../support/model/world.ts';

const home = 'data/profiles/alice';

/** The second Mac has set aside what was made there while the first one had the home. */
async function conflictOnSecond(world: World): Promise<string> {
  const [first, second] = world.macs as readonly [Mac, Mac];
  for (const mac of [first, second]) await runAgent(world, mac, 'login', null);
  for (const mac of [first, second]) {
    world.now += 60_000;
    edit(world, mac);
    await runAgent(world, mac, 'logout', null);
  }
  const report = await runAgent(world, second, 'login', null);
  return report?.sync?.conflict?.setAside ?? 'nothing was set aside';
}

async function twoMacs(): Promise<{ world: World; second: Mac }> {
  const world = await createWorld({ children: true });
  const [first, second] = world.macs as readonly [Mac, Mac];
  await runAgent(world, first, 'logout', null);
  await runAgent(world, second, 'login', null);
  return { world, second };
}

const told = async (world: World, mac: Mac): Promise<readonly string[]> =>
  (await runAgent(world, mac, 'login', null))?.warnings ?? [];

test('later logins tell what is still set aside, where, and since when, until it is gone', async () => {
  const { world, second } = await twoMacs();
  const older = await conflictOnSecond(world);
  world.now += 60_000;
  const newer = await conflictOnSecond(world);
  const lines = await told(world, second);
  expect(lines).toEqual([
    expect.stringMatching(
      /^what was made on this Mac at 2 times, the first since 2026-11-\d\d \d\d:4\d, is still set aside, as .*: `roamhome conflicts list` shows them$/,
    ),
  ]);
  expect(lines[0]).toContain(`as ${older}, ${newer}: `);

  await second.root.run(['zfs', 'destroy', '-r', older]);
  expect(await told(world, second)).toEqual([
    expect.stringMatching(/since .* is still set aside, as .*`roamhome conflicts show alice-mac1-/),
  ]);
  await second.root.run(['zfs', 'destroy', '-r', newer]);
  expect(await told(world, second)).toEqual([]);
  const before = second.host.commandLog.length;
  expect(await told(world, second)).toEqual([]);
  const looked = second.host.commandLog.slice(before).map(({ argv }) => argv.join(' '));
  expect(looked.filter((words) => words.includes('conflicts') || words.includes('set-aside='))).toEqual([]);
  expect(second.machine.datasets.get(home)?.properties.get('roamhome:set-aside')?.value).toBe('none');
});

test('the login that sets it aside tells it once', async () => {
  const { world } = await twoMacs();
  const [first, second] = world.macs as readonly [Mac, Mac];
  await runAgent(world, first, 'login', null);
  for (const mac of [first, second]) {
    world.now += 60_000;
    edit(world, mac);
    await runAgent(world, mac, 'logout', null);
  }
  expect(await told(world, second)).toHaveLength(1);
});
