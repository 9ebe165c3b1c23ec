import { describe, expect, test } from 'vitest';
import { RoamhomeError } from '../../../src/errors/errors.ts';
import { logout } from '../../../src/homes/logout.ts';
import { pushPending } from '../../../src/homes/push-pending.ts';
import type { Session } from '../../../src/homes/session.ts';
import { mountedFiles } from '../../../src/simulator/files/files.ts';
import { setBusy } from '../../support/model/disturb.ts';
import { FaultyRun } from '../../support/model/faults.ts';
import { inHome, inSnapshots } from '../../support/model/invariants.ts';
import {
  checkpointOn,
  createWorld,
  edit,
  isMounted,
  pushFrom,
  runAgent,
  sessionOn,
  type Mac,
  type World,
} from '../../support/model/world.ts';

const home = 'data/profiles/alice';

/** The first Mac of a world, where the user is logged in and has worked, and both sides have an older version. */
async function atWork(options = { children: false }): Promise<{ readonly world: World; readonly mac: Mac }> {
  const world = await createWorld(options);
  const [mac] = world.macs as readonly [Mac];
  edit(world, mac);
  await runAgent(world, mac, 'logout', null);
  await runAgent(world, mac, 'login', null);
  world.now += 60_000;
  edit(world, mac);
  return { world, mac };
}

/** What programs have just written does not show in a list yet: a transaction group is to come. */
function unwrittenYet({ local }: Session): Session['local'] {
  return {
    ...local,
    listTree: async (...asked) =>
      (await local.listTree(...asked))?.map((dataset) => ({ ...dataset, written: 0n })) ?? null,
  };
}

const fails = (code: 'zfs-failed' | 'locked'): Promise<never> =>
  Promise.reject(new RoamhomeError({ code, message: 'it fails', remedy: 'none', retryable: true }));

describe('what was written just before a logout is in a snapshot, though no list shows it yet,', () => {
  test('where another run has the home', async () => {
    const { world, mac } = await atWork();
    const session = sessionOn(world, mac, new FaultyRun(null));
    const report = await logout({
      ...session,
      local: unwrittenYet(session),
      acquireLock: ({ onWait }) => {
        onWait?.({ pid: 7, what: 'login', since: '2026-11-20T06:45:00Z' });
        return fails('locked');
      },
    });
    expect(report).toMatchObject({ pending: true, secured: true });
    for (const content of inHome(mac.machine)) expect(inSnapshots(mac.machine)).toContain(content);
  });

  test('where the home cannot be compared', async () => {
    const { world, mac } = await atWork();
    setBusy(mac, 99, true);
    const session = sessionOn(world, mac, new FaultyRun(null));
    const local = unwrittenYet(session);
    let lists = 0;
    await logout({
      ...session,
      local: {
        ...local,
        listTree: (...asked) => (lists++ === 0 ? fails('zfs-failed') : local.listTree(...asked)),
      },
    });
    for (const content of inHome(mac.machine)) expect(inSnapshots(mac.machine)).toContain(content);
  });
});

describe('a checkpoint', () => {
  test('that could not snapshot a dataset does not call the home sent, and leaves a note', async () => {
    const { world, mac } = await atWork();
    const long = `${home}/${'x'.repeat(225)}`;
    expect(await mac.root.run(['zfs', 'create', long])).toMatchObject({ exitCode: 0 });
    mountedFiles(mac.machine, long).write('kept-in-no-snapshot', 'in no snapshot');
    const done = await checkpointOn(world, mac, null);
    expect(done).toMatchObject({ outcome: 'still-pending' });
    expect(done?.problems.map((error) => (error as { code?: string }).code)).toContain('no-snapshot');
    expect(mac.pending.get('alice')).toMatch(/\tsnapshot$/);
  });
});

describe('a job that sends', () => {
  test('leaves a home mounted whose user it cannot ask about: they may be at work in it', async () => {
    const { world, mac } = await atWork();
    setBusy(mac, 99, true);
    expect(await runAgent(world, mac, 'logout', null)).toMatchObject({ mounted: true, pending: true });
    setBusy(mac, 0, false);
    edit(world, mac);
    const session = sessionOn(world, mac, new FaultyRun(null));
    const platform = { ...session.platform, findAccount: () => Promise.resolve(null) };
    await pushPending({ ...session, platform });
    expect(isMounted(mac)).toBe(true);
    for (const content of inHome(mac.machine)) expect(inSnapshots(mac.machine)).toContain(content);
  });

  test('does not try for ever to send a home that an admin has removed', async () => {
    const { world, mac } = await atWork();
    mac.online = false;
    await runAgent(world, mac, 'logout', null);
    mac.online = true;
    for (const host of [mac.root, world.admin])
      expect(await host.run(['zfs', 'destroy', '-r', home])).toMatchObject({ exitCode: 0 });
    const done = await pushFrom(world, mac, null);
    expect(done?.problems.map((error) => (error as { code?: string }).code)).toEqual(['home-missing']);
    expect(mac.pending.size).toBe(0);
  });
});

test('a dataset that stays on this Mac is in the home again after the next login, with what was in it', async () => {
  const { world, mac } = await atWork({ children: true });
  mountedFiles(mac.machine, `${home}/caches`).write('kept-cache', 'only on this Mac');
  await runAgent(world, mac, 'logout', null);
  expect(mac.machine.datasets.get(`${home}/caches`)?.mounted).toBeNull();
  expect(await runAgent(world, mac, 'login', null)).toMatchObject({ mounted: true, problems: [] });
  expect(mac.machine.datasets.get(`${home}/caches`)?.mounted).not.toBeNull();
  expect(inHome(mac.machine)).toContain('only on this Mac');
});
