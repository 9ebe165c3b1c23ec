import { describe, expect, test } from 'vitest';
import { logout } from '../../../src/homes/logout.ts';
import { pushPending } from '../../../src/homes/push-pending.ts';
import { remarksOn } from '../../../src/homes/status/judge.ts';
import { collectStatus } from '../../../src/homes/status/collect.ts';
import { mountedFiles } from '../../../src/simulator/files/files.ts';
import { createSyncZfs } from '../../../src/zfs/sync-zfs.ts';
import { parseDatasetName } from '../../../src/zfs/names.ts';
import { RoamhomeError } from '../../../src/errors/errors.ts';
import type { Session } from '../../../src/homes/session.ts';
import { FaultyRun } from '../../support/model/faults.ts';
import { createWorld, runAgent, sessionOn, type Mac, type World } from '../../support/model/world.ts';

const home = 'data/profiles/alice';

/** A home whose intent log was used, as that of every home is: each mount of it writes a little, read-only too. */
async function usedHome(): Promise<{ world: World; mac: Mac; session: Session }> {
  const world = await createWorld({ children: true });
  const [mac] = world.macs as readonly [Mac];
  for (const dataset of [home, `${home}/mail`]) {
    mountedFiles(mac.machine, dataset).write('kept-1', 'work');
    mountedFiles(mac.machine, dataset).sync();
  }
  await runAgent(world, mac, 'logout', null);
  world.now += 60_000;
  return { world, mac, session: sessionOn(world, mac, new FaultyRun(null)) };
}

const zfsOf = (mac: Mac): ReturnType<typeof createSyncZfs> =>
  createSyncZfs(mac.root, { command: () => undefined, warning: () => undefined });

/** What `roamhome status` says of it on that Mac, as the two sides are now. */
async function remarks(world: World, mac: Mac): Promise<readonly string[]> {
  const root = parseDatasetName('data/profiles');
  const { homes } = await collectStatus({
    local: { zfs: zfsOf(mac), root },
    server: { zfs: createSyncZfs(world.admin, { command: () => undefined, warning: () => undefined }), root },
    ...{ conflictsRoot: null, user: 'alice', pending: [], signal: new AbortController().signal },
  });
  const judging = { own: null, unsentHours: 24, sessionHours: 24, now: world.now };
  return homes.flatMap((one) =>
    remarksOn(one, judging)
      .filter(({ level }) => level !== 'ok')
      .map(({ text }) => text),
  );
}

const zfs = async (mac: Mac, words: string): Promise<void> => {
  const { exitCode, stderr } = await mac.root.run(['zfs', ...words.split(' ')]);
  if (exitCode !== 0) throw new Error(stderr);
};

const guidsOn = (machine: World['server'], dataset: string): readonly string[] =>
  machine.datasets.get(dataset)?.snapshots.map(({ guid }) => guid) ?? [];

describe('what a read-only mount has written to the home', () => {
  test('is sent with the snapshot that it is in', async () => {
    const { world, mac, session } = await usedHome();
    await zfs(mac, `create -u ${home}/later`);
    await session.spool.addLacking('alice', 'now', 'snapshot');
    expect(await pushPending(session)).toMatchObject({ outcome: 'sent', problems: [] });
    expect(guidsOn(world.server, home)).toEqual(guidsOn(mac.machine, home));
    expect(guidsOn(world.server, `${home}/later`)).toHaveLength(1);
    expect(mac.pending.size).toBe(0);
    expect(await remarks(world, mac)).toEqual([]);
  });

  test('is sent too where that snapshot cannot be read back', async () => {
    const { world, mac, session } = await usedHome();
    await zfs(mac, `create -u ${home}/later`);
    await session.spool.addLacking('alice', 'now', 'snapshot');
    let isMade = false;
    const local: Session['local'] = {
      ...session.local,
      run: (command, options) => {
        isMade ||= command.argv[1] === 'snapshot';
        return session.local.run(command, options);
      },
      listTree: (...words) => {
        if (!isMade) return session.local.listTree(...words);
        isMade = false;
        return Promise.reject(new RoamhomeError({ code: 'timed-out', message: 'slow', remedy: 'wait' }));
      },
    };
    expect(await pushPending({ ...session, local })).toMatchObject({ outcome: 'sent', problems: [] });
    expect(guidsOn(world.server, home)).toEqual(guidsOn(mac.machine, home));
    expect(await remarks(world, mac)).toEqual([]);
  });

  test('is no work that is in no snapshot, where none was needed', async () => {
    const { world, mac, session } = await usedHome();
    await session.spool.addLacking('alice', 'now', 'snapshot');
    const before = guidsOn(mac.machine, home);
    expect(await pushPending(session)).toMatchObject({ outcome: 'sent', problems: [] });
    expect(guidsOn(mac.machine, home)).toEqual(before);
    expect(mac.machine.datasets.get(home)?.logHead).toBe('written');
    expect(await remarks(world, mac)).toEqual([]);
  });

  test('is none at a logout that mounted the home to look at what lies below it', async () => {
    const { world, mac } = await usedHome();
    await runAgent(world, mac, 'login', null);
    world.now += 60_000;
    // Another tool's, of the home alone: what the mounts wrote below it is in no snapshot yet.
    await zfs(mac, `snapshot ${home}@other`);
    const report = await logout(sessionOn(world, mac, new FaultyRun(null)));
    expect(report).toMatchObject({ problems: [], snapshot: null, secured: true, pending: false });
    expect(await remarks(world, mac)).toEqual([]);
  });
});
