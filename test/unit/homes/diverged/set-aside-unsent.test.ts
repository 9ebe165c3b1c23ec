import { describe, expect, test } from 'vitest';
import { RoamhomeError } from '../../../../src/errors/errors.ts';
import { sendUnsent } from '../../../../src/homes/send-unsent.ts';
import { conflictPlaces, syncListener } from '../../../../src/homes/with-server.ts';
import { remarksOn } from '../../../../src/homes/status/judge.ts';
import { collectStatus } from '../../../../src/homes/status/collect.ts';
import { parseDatasetName } from '../../../../src/zfs/names.ts';
import { createSyncZfs } from '../../../../src/zfs/sync-zfs.ts';
import { FaultyRun } from '../../../support/model/faults.ts';
import { setFull } from '../../../support/model/disturb.ts';
import { inHome, onServer, unsentOn } from '../../../support/model/invariants.ts';
import {
  checkpointOn,
  createWorld,
  edit,
  pushFrom,
  runAgent,
  sessionOn,
  type Mac,
  type World,
} from '../../../support/model/world.ts';

/** The second Mac's work is set aside there, and the server has no room for it. */
async function setAsideAlone(children = false): Promise<{ world: World; mac: Mac; work: readonly string[] }> {
  const world = await createWorld({ children });
  const [first, mac] = world.macs as readonly [Mac, Mac];
  const session = async (at: Mac): Promise<void> => {
    world.now += 60_000;
    await runAgent(world, at, 'login', null);
    edit(world, at);
    await runAgent(world, at, 'logout', null);
  };
  await session(first);
  await session(mac);
  mac.online = false;
  await session(mac);
  const work = inHome(mac.machine).filter((content) => content.startsWith(`${world.edits} `));
  mac.online = true;
  await runAgent(world, first, 'login', null);
  edit(world, first);
  await runAgent(world, first, 'logout', null);
  setFull(world, 'server', true);
  return { world, mac, work: work.filter((one) => !one.includes('caches')) };
}

async function remarks(mac: Mac): Promise<string> {
  const zfs = createSyncZfs(mac.root, { command: () => undefined, warning: () => undefined });
  const { homes } = await collectStatus({
    ...{ local: { zfs, root: parseDatasetName('data/profiles') }, server: null, conflictsRoot: null },
    ...{ user: 'alice', pending: [], signal: new AbortController().signal },
  });
  const judging = { own: null, unsentHours: 24, sessionHours: 24, now: 0 };
  return homes.flatMap((one) => remarksOn(one, judging).map(({ text }) => text)).join('\n');
}

describe('a conflict that the server could not take when it was set aside', () => {
  test.each(['push', 'login', 'logout', 'checkpoint'] as const)(
    'waits on this Mac, and goes to the server with the next %s',
    async (how) => {
      const { world, mac, work } = await setAsideAlone(true);
      const report = await runAgent(world, mac, 'login', null);
      expect(report).toMatchObject({ mounted: true, pending: true });
      expect(work.length).toBeGreaterThan(0);
      expect(inHome(mac.machine)).not.toEqual(expect.arrayContaining([work[0]]));
      expect(unsentOn(mac.machine)).toHaveLength(1);
      expect(mac.pending.size).toBe(1);
      expect(await remarks(mac)).toContain('NOT YET on the server');
      // While there is no room it stays so, and is said.
      expect(await pushFrom(world, mac, null)).toMatchObject({ outcome: 'still-pending' });
      expect(mac.pending.size).toBe(1);

      setFull(world, 'server', false);
      world.now += 60_000;
      if (how === 'push') expect(await pushFrom(world, mac, null)).toMatchObject({ outcome: 'sent' });
      else if (how === 'checkpoint')
        expect(await checkpointOn(world, mac, null)).toMatchObject({ outcome: 'sent' });
      else expect(await runAgent(world, mac, how, null)).toMatchObject({ pending: false, problems: [] });
      expect([...onServer(world)]).toEqual(expect.arrayContaining([...work]));
      // As a clone of what both had: not all of the home once more.
      const branch = [...world.server.datasets.values()].filter(({ name }) => name.includes('conflicts/'));
      expect(branch.map(({ origin }) => origin?.dataset.name)).toEqual([
        'data/profiles/alice',
        'data/profiles/alice/mail',
      ]);
      expect(unsentOn(mac.machine)).toEqual([]);
      expect(mac.pending.size).toBe(0);
      expect(await remarks(mac)).not.toContain('NOT YET');
    },
  );

  test('is given up by a person, and does not wait any more', async () => {
    const { world, mac } = await setAsideAlone();
    await runAgent(world, mac, 'login', null);
    const [name] = unsentOn(mac.machine);
    await mac.root.run(['zfs', 'destroy', '-r', `data/profiles-conflicts/${name ?? ''}`]);
    expect(await pushFrom(world, mac, null)).toMatchObject({ outcome: 'sent' });
    expect(unsentOn(mac.machine)).toEqual([]);
  });

  test('costs a logout that runs out of time nothing of what it has sent', async () => {
    const { world, mac } = await setAsideAlone();
    await runAgent(world, mac, 'login', null);
    setFull(world, 'server', false);
    const session = sessionOn(world, mac, new FaultyRun(null));
    const late = new RoamhomeError({ code: 'timed-out', message: 'late', remedy: 'r', retryable: true });
    const names = unsentOn(mac.machine);
    const done = await sendUnsent(session, names, {
      ...{ flags: 'Lec', busyMs: 0, pushMs: 1000, stallMs: 1000, listener: syncListener(session) },
      ...{ places: conflictPlaces(session), signal: AbortSignal.abort(late) },
    });
    expect(done.left.map(({ name, problem }) => [name, problem.code])).toEqual([[names[0], 'timed-out']]);
    expect(unsentOn(mac.machine)).toEqual(names);
  });
});
