import { describe, expect, test } from 'vitest';
import { RoamhomeError } from '../../../src/errors/errors.ts';
import {
  checkpoint,
  describeCheckpoint,
  yieldedCheckpoint,
  type CheckpointOutcome,
} from '../../../src/homes/checkpoint.ts';
import { dryRun } from '../../../src/homes/dry-run.ts';
import { isInUse, usersInUse } from '../../../src/homes/homes-in-use.ts';
import { logout } from '../../../src/homes/logout.ts';
import { observeLocal } from '../../../src/homes/observing.ts';
import type { Session } from '../../../src/homes/session.ts';
import { mountedFiles, readFrom, treeOf } from '../../../src/simulator/files/files.ts';
import { createSyncZfs, type SyncZfs } from '../../../src/zfs/sync-zfs.ts';
import { FaultyRun } from '../../support/model/faults.ts';
import { inHome, onServer, recordOf, stateOf } from '../../support/model/invariants.ts';
import {
  browse,
  checkpointOn,
  createWorld,
  edit,
  isMounted,
  losePower,
  pushFrom,
  runAgent,
  sessionOn,
  type Mac,
  type World,
} from '../../support/model/world.ts';
import { fakeSession, type FakeOptions } from '../../support/homes/fake-session.ts';

const away = new RoamhomeError({ code: 'server-unreachable', message: 'away', remedy: 'wait' });
const home = 'data/profiles/alice';

/** Alice is logged in on the first Mac, everything of hers is on the server, and the second Mac has it too. */
async function atWork(children = false): Promise<{ world: World; first: Mac; second: Mac }> {
  const world = await createWorld({ children });
  const [first, second] = world.macs as readonly [Mac, Mac];
  await runAgent(world, first, 'logout', null);
  for (const what of ['login', 'logout'] as const) await runAgent(world, second, what, null);
  await runAgent(world, first, 'login', null);
  return { world, first, second };
}

function unsent(world: World, mac: Mac): readonly string[] {
  const there = onServer(world);
  return inHome(mac.machine).filter((content) => !there.has(content) && !content.includes('/caches'));
}

/** The commands since the last time, by their verbs. */
function verbsOf({ host }: Mac, from = 0): readonly string[] {
  return host.commandLog.slice(from).map(({ argv }) => argv[1] ?? '');
}

const branches = (world: World): readonly string[] =>
  [...world.server.datasets.keys()].filter((name) => name.startsWith('data/profiles-conflicts/'));

describe('a checkpoint', () => {
  test.each([false, true])(
    'sends what was just written, and touches nothing else (children: %s)',
    async (children) => {
      const { world, first } = await atWork(children);
      edit(world, first);
      world.now += 60_000;
      const [record, commands] = [recordOf(world), first.host.commandLog.length];
      expect(await checkpointOn(world, first, null)).toMatchObject({
        outcome: 'sent',
        problems: [],
        warnings: [],
      });
      expect(unsent(world, first)).toEqual([]);
      expect([isMounted(first), recordOf(world), first.pending.size]).toEqual([true, record, 0]);
      const verbs = verbsOf(first, commands);
      expect(verbs.filter((verb) => verb === 'snapshot')).toHaveLength(1);
      expect(verbs.filter((verb) => !['list', 'diff', 'snapshot', 'get', 'send'].includes(verb))).toEqual([]);
      const excluded = first.machine.datasets.get(`${home}/caches`);
      expect(excluded?.snapshots ?? []).toEqual([]);
    },
  );

  test('sends also what is written between its look and its snapshot, in a dataset that seemed unchanged', async () => {
    const { world, first } = await atWork(true);
    const session = sessionOn(world, first, new FaultyRun(null));
    mountedFiles(first.machine, `${home}/mail`).write('letter', 'seen');
    const local = writingLate(session, first);
    expect(await checkpoint({ ...session, local })).toMatchObject({ outcome: 'sent', problems: [] });
    expect(readFrom(treeOf(world.server, home), 'late')).toBe('not seen');
  });

  test('makes no snapshot, and asks no server, where no file changed', async () => {
    const { world, first } = await atWork();
    // A mount has written something; macOS too.
    const state = stateOf(world);
    const asked = first.toServer.commandLog.length;
    expect(await checkpointOn(world, first, null)).toMatchObject({ outcome: 'unchanged', snapshot: null });
    browse(world, first);
    expect(await checkpointOn(world, first, null)).toMatchObject({ outcome: 'unchanged', snapshot: null });
    expect(stateOf(world)).toBe(state);
    expect(first.toServer.commandLog).toHaveLength(asked);
  });

  test('while the server is away: the snapshot is there, the rest waits, and the next sends both', async () => {
    const { world, first } = await atWork();
    first.online = false;
    edit(world, first);
    const done = await checkpointOn(world, first, null);
    expect(done).toMatchObject({ outcome: 'still-pending', problems: [{ code: 'server-unreachable' }] });
    expect([...first.pending.keys()]).toEqual(['alice']);
    world.now += 60_000;
    edit(world, first);
    expect(describeCheckpoint((await checkpointOn(world, first, null))!)).toMatch(
      /^alice: snapshot roamhome-\S+-mac0, still pending \(away\)$/,
    );
    first.online = true;
    // Nothing new: it goes for what waits.
    expect(await checkpointOn(world, first, null)).toMatchObject({ outcome: 'sent', snapshot: null });
    expect([unsent(world, first), first.pending.size]).toEqual([[], 0]);
  });

  test('so that a crash afterwards costs the other Mac nothing', async () => {
    const { world, first, second } = await atWork();
    edit(world, first);
    await checkpointOn(world, first, null);
    losePower(first);
    expect(await runAgent(world, second, 'login', null)).toMatchObject({ problems: [], mounted: true });
    expect(inHome(second.machine)).toContain(`${world.edits} on mac0 in ${home}`.padEnd(1500));
  });

  test('killed between its note and the end leaves a note, by which the next finds what is not sent', async () => {
    let killed = 0;
    for (const when of ['before', 'after'] as const) {
      for (let command = 2; command <= 8; command++) {
        const { world, first } = await atWork();
        edit(world, first);
        if ((await checkpointOn(world, first, { kind: 'killed', when, command })) !== null) continue;
        killed += 1;
        expect(await checkpointOn(world, first, null)).toMatchObject({ outcome: 'sent' });
        expect([unsent(world, first), isMounted(first)]).toEqual([[], true]);
      }
    }
    expect(killed).toBeGreaterThan(8);
  });

  test('of a line that the server’s has left goes to its one branch, which grows', async () => {
    const { world, first, second } = await atWork();
    await runAgent(world, second, 'login', null);
    edit(world, second);
    await runAgent(world, second, 'logout', null);
    const newest = (): unknown => world.server.datasets.get(home)?.snapshots.at(-1)?.guid;
    const theirs = newest();
    for (let i = 0; i < 5; i++) {
      world.now += 60_000;
      edit(world, first);
      const done = await checkpointOn(world, first, null);
      expect(done).toMatchObject({
        outcome: 'sent',
        problems: [],
        warnings: [expect.stringMatching(/moved on/)],
      });
      expect(unsent(world, first)).toEqual([]);
    }
    expect(branches(world)).toHaveLength(1);
    expect(newest()).toBe(theirs);
    expect(isMounted(first)).toBe(true);
  });

  test('of a session that was left behind does not take the line from where the user works now', async () => {
    const { world, first, second } = await atWork();
    await runAgent(world, second, 'login', null);
    edit(world, first);
    const asked = first.toServer.commandLog.length;
    const done = await checkpointOn(world, first, null);
    expect(done).toMatchObject({ outcome: 'sent', warnings: [expect.stringMatching(/logged in on mac1/)] });
    expect([unsent(world, first), branches(world).length]).toEqual([[], 1]);
    // Nor does the job that sends what is pending.
    first.pending.set('alice', 'now');
    await pushFrom(world, first, null);
    const received = first.toServer.commandLog.slice(asked).filter(({ argv }) => argv[1] === 'receive');
    expect(received.filter(({ argv }) => argv.at(-1) === home)).toEqual([]);

    // Here they carry the line on.
    world.now += 60_000;
    edit(world, second);
    expect(await checkpointOn(world, second, null)).toMatchObject({ outcome: 'sent', warnings: [] });
    expect(branches(world)).toHaveLength(1);
    expect(await runAgent(world, second, 'logout', null)).toMatchObject({ sync: { conflict: null } });
  });

  test.each<[string, FakeOptions, string]>([
    ['a login is under way', { failures: { 'lock for checkpoint': locked('login') } }, 'login'],
    ['the home is not mounted', { mounted: false }, 'is not mounted at /Users/alice'],
    ['the user does not roam', { member: false }, 'not a member'],
  ])('is left when %s', async (_what, more, reason) => {
    const { session, journal } = fakeSession({ local: '@a:1 *', server: '@a:1', mounted: true, ...more });
    const done = await checkpoint(mountedThere(session));
    expect(done).toMatchObject({ outcome: 'left-alone', snapshot: null, problems: [] });
    expect(describeCheckpoint(done)).toContain(reason);
    expect(journal.filter((line) => /snapshot|connect|unmount/.test(line))).toEqual([]);
  });

  test('does not ask a server that was away for the home before', async () => {
    const { session, journal } = fakeSession({ local: '@a:1 *', server: '@a:1', mounted: true });
    const done = await checkpoint(mountedThere(session), away);
    expect(describeCheckpoint(done)).toBe(
      'alice: snapshot roamhome-20261120T064500.123Z-mac7, still pending (the server is away)',
    );
    expect(journal).toEqual([
      'lock for checkpoint',
      'this Mac: list',
      'this Mac: diff',
      'this Mac: zfs snapshot data/profiles/alice@roamhome-20261120T064500.123Z-mac7',
      'unlock',
    ]);
  });

  test('of a user who has no home here says so', async () => {
    const { session } = fakeSession({ local: null, server: '@a:1' });
    await expect(checkpoint(session)).rejects.toMatchObject({ code: 'home-missing' });
  });

  test('leaves the lock in time for a logout that waits for it', async () => {
    const { session } = fakeSession({ local: '@a:1 *', server: '@a:1', mounted: true });
    const never = (signal: AbortSignal): Promise<never> =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(signal.reason as Error);
        });
      });
    const { config, server } = mountedThere(session);
    const hurried = { ...config, limits: { ...config.limits, lockWaitSeconds: 0.03 } };
    const done = await checkpoint({
      ...mountedThere(session),
      config: hurried,
      server: { ...server, connect: never },
    });
    expect(done).toMatchObject({
      outcome: 'still-pending',
      problems: [],
      warnings: [expect.stringMatching(/time for sending/)],
    });
  });
});

function locked(what: string): RoamhomeError {
  return new RoamhomeError({ code: 'locked', message: `another run (${what})`, remedy: 'wait' });
}

/** The fake's zfs says so. */
function mountedThere(session: Session): Session {
  return { ...session, mountpoint: '/Users/alice' };
}

/** A program writes into the home while the snapshot is being made. `stuck`: nothing can be unmounted. */
function writingLate({ local }: Session, { machine }: Mac, stuck = false): SyncZfs {
  return {
    ...local,
    run: (command, options) => {
      if (command.argv[1] === 'snapshot') mountedFiles(machine, home).write('late', 'not seen');
      if (stuck && command.argv[1] === 'unmount')
        throw new RoamhomeError({ code: 'dataset-busy', message: 'busy', remedy: 'wait' });
      return local.run(command, options);
    },
  };
}

test('a logout sends what is written meanwhile into a home that cannot be unmounted', async () => {
  const { world, first } = await atWork(true);
  const session = sessionOn(world, first, new FaultyRun(null));
  const report = await logout({ ...session, local: writingLate(session, first, true) });
  expect(report).toMatchObject({ mounted: true, secured: true, sync: { conflict: null } });
  expect(readFrom(treeOf(world.server, home), 'late')).toBe('not seen');
});

describe('homes in use', () => {
  test('are those that are mounted where homes are', async () => {
    const { world, first } = await atWork();
    const zfs = async (...words: readonly string[]): Promise<void> => {
      expect(await first.root.run(['zfs', ...words])).toMatchObject({ exitCode: 0 });
    };
    for (const [user, at] of [
      ['bob', '/Users/bob'],
      ['carol', '/elsewhere/carol'],
      ['dave', '/Users/dave'],
    ] as const)
      await zfs('create', '-o', 'canmount=noauto', '-o', `mountpoint=${at}`, `data/profiles/${user}`);
    for (const user of ['bob', 'carol']) await zfs('mount', `data/profiles/${user}`);
    const session = sessionOn(world, first, new FaultyRun(null));
    const config = { local: { ...session.config.local, homeBase: '/Users' } };
    const local = createSyncZfs(first.root, { command: () => undefined, warning: () => undefined });
    expect(await usersInUse(local, config, session.signal)).toEqual(['alice', 'bob']);
  });

  test('a home that a run has mounted to look at it is not', async () => {
    const { world, first } = await atWork();
    const session = sessionOn(world, first, new FaultyRun(null));
    const see = async (): Promise<boolean> => isInUse(session, (await observeLocal(session, 'ignore'))!);
    expect(await see()).toBe(true);
    await first.root.run(['zfs', 'unmount', home]);
    expect(await see()).toBe(false);
    await first.root.run(['zfs', 'mount', '-o', 'ro', home]);
    expect(await see()).toBe(false);
  });
});

describe('the dry run', () => {
  const words = async (world: World, mac: Mac): Promise<readonly string[]> => {
    const state = stateOf(world);
    const lines = await dryRun(sessionOn(world, mac, new FaultyRun(null)), 'checkpoint');
    expect(stateOf(world)).toBe(state);
    return lines.flatMap((line) => [line.words, ...line.commands.map(({ argv }) => argv.join(' '))]);
  };

  test('shows the snapshot and the push, and nothing that a home in use could not bear', async () => {
    const { world, first } = await atWork();
    edit(world, first);
    const shown = (await words(world, first)).join('\n');
    expect(shown).toMatch(/^snapshot what changed .*\nzfs snapshot data\/profiles\/alice@roamhome-/);
    expect(shown).toMatch(/zfs send /);
    expect(shown).not.toMatch(/mount|TERM|roamhome:session/);
    await checkpointOn(world, first, null);
    expect(await words(world, first)).toEqual(['nothing was written since the newest snapshot']);
    await runAgent(world, first, 'logout', null);
    expect(await words(world, first)).toEqual(['the home is not mounted at /Users/alice']);
  });
});

test('a checkpoint that gave way to a session is no failure, and says so', () => {
  const cancelled = new RoamhomeError({ code: 'cancelled', message: 'm', remedy: 'r' });
  const cut: CheckpointOutcome = {
    ...{ user: 'alice', reason: null, snapshot: null, conflict: false, pushedBytes: 0 },
    outcome: 'failed',
    problems: [cancelled],
    warnings: [],
  };
  expect(yieldedCheckpoint(cut)).toMatchObject({ outcome: 'left-alone', problems: [] });
  expect(describeCheckpoint(yieldedCheckpoint(cut))).toBe(
    'alice: a login or a logout of this user continues with it',
  );
  const snapshotted: CheckpointOutcome = { ...cut, outcome: 'still-pending', snapshot: 's' };
  expect(yieldedCheckpoint(snapshotted)).toMatchObject({
    outcome: 'still-pending',
    snapshot: 's',
    problems: [],
  });
});
