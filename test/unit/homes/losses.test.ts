import { describe, expect, test } from 'vitest';
import { summarise } from '../../../src/homes/report.ts';
import { inHome, reachable, versionsOf } from '../../support/model/invariants.ts';
import {
  createWorld,
  edit,
  isMounted,
  losePower,
  runAgent,
  type Mac,
  type World,
} from '../../support/model/world.ts';

const home = 'data/profiles/alice';

/** Both Macs have the home, and nobody is logged in. */
async function twoMacs(): Promise<{ world: World; first: Mac; second: Mac }> {
  const world = await createWorld({ children: false });
  const [first, second] = world.macs as readonly [Mac, Mac];
  edit(world, first);
  await runAgent(world, first, 'logout', null);
  await runAgent(world, second, 'login', null);
  await runAgent(world, second, 'logout', null);
  return { world, first, second };
}

function work(world: World, mac: Mac): string {
  world.now += 60_000;
  edit(world, mac);
  return inHome(mac.machine).find((content) => content.startsWith(`${world.edits} `)) ?? '';
}

// What the scripts that this replaces lost in silence.
describe('the losses of before', () => {
  test('a stale second Mac logs out: the work of the first stays on the server', async () => {
    const { world, first, second } = await twoMacs();
    await runAgent(world, second, 'login', null);
    await runAgent(world, first, 'login', null);
    const newer = work(world, first);
    await runAgent(world, first, 'logout', null);
    const before = versionsOf(world.server);
    const stale = work(world, second);
    const report = await runAgent(world, second, 'logout', null);
    expect(report).toMatchObject({ problems: [], sync: { conflict: { kind: 'diverged' } } });
    expect(report?.warnings.join()).toContain('is kept on the server as');
    expect(inHome(world.server)).toContain(newer);
    expect([...before].filter((version) => !versionsOf(world.server).has(version))).toEqual([]);
    expect(reachable(world).has(stale)).toBe(true);
  });

  test('a login with local snapshots that were never pushed keeps them', async () => {
    const { world, first, second } = await twoMacs();
    await runAgent(world, second, 'login', null);
    const unpushed = work(world, second);
    second.online = false;
    expect(await runAgent(world, second, 'logout', null)).toMatchObject({ pending: true });
    second.online = true;
    await runAgent(world, first, 'login', null);
    const newer = work(world, first);
    await runAgent(world, first, 'logout', null);
    const report = await runAgent(world, second, 'login', null);
    expect(report).toMatchObject({ mounted: true, problems: [] });
    expect(report?.warnings.join()).toContain('is kept: here as');
    expect(inHome(second.machine)).toContain(newer);
    expect(reachable(world).has(unpushed)).toBe(true);
  });

  test('a login on top of edits that are in no snapshot keeps them', async () => {
    const { world, first, second } = await twoMacs();
    await runAgent(world, second, 'login', null);
    const unsnapshotted = work(world, second);
    losePower(second);
    await runAgent(world, first, 'login', null);
    work(world, first);
    await runAgent(world, first, 'logout', null);
    const report = await runAgent(world, second, 'login', null);
    expect(report?.snapshot).not.toBeNull();
    expect(isMounted(second)).toBe(true);
    expect(reachable(world).has(unsnapshotted)).toBe(true);
  });

  test('a send that fails is seen, the home is pending, and nothing is removed', async () => {
    const { world, second } = await twoMacs();
    await runAgent(world, second, 'login', null);
    const unsent = work(world, second);
    await world.admin.run(['zfs', 'unallow', '-u', 'zfs_mobile_sync', 'receive:append', 'data/profiles']);
    const before = versionsOf(second.machine);
    const report = await runAgent(world, second, 'logout', null);
    expect(report?.problems).toMatchObject([{ code: 'permission-denied' }]);
    expect(summarise(report!, 'logout')).toBe(
      'logout of alice: not synced, pending, nothing is lost, 1 problem',
    );
    expect([...second.pending.keys()]).toEqual(['alice']);
    expect([...before].filter((version) => !versionsOf(second.machine).has(version))).toEqual([]);
    expect(inHome(second.machine)).toContain(unsent);
    expect(second.host.commandLog.filter(({ argv }) => argv[1] === 'destroy')).toEqual([]);
    expect(second.machine.datasets.get(home)?.snapshots.length).toBe(before.size + 1);
  });
});
