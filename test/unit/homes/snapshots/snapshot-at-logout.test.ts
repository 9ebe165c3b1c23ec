import { afterEach, describe, expect, test, vi } from 'vitest';
import { RoamhomeError, type ErrorCode } from '../../../../src/errors/errors.ts';
import type { AcquireLock } from '../../../../src/homes/lock/lock.ts';
import { checkpoint } from '../../../../src/homes/checkpoint.ts';
import { login } from '../../../../src/homes/login.ts';
import { logout } from '../../../../src/homes/logout.ts';
import { describePush, pushPending } from '../../../../src/homes/push-pending.ts';
import { summarise } from '../../../../src/homes/report.ts';
import type { Session } from '../../../../src/homes/session.ts';
import { mountedFiles, setInUse, treeOf } from '../../../../src/simulator/files/files.ts';
import { datasetsAtOrBelow } from '../../../../src/simulator/machine.ts';
import type { SyncZfs } from '../../../../src/zfs/sync-zfs.ts';
import { FaultyRun } from '../../../support/model/faults.ts';
import { inHome } from '../../../support/model/invariants.ts';
import {
  createWorld,
  isMounted,
  runAgent,
  sessionOn,
  type Mac,
  type World,
} from '../../../support/model/world.ts';
import { codes } from '../../../support/homes/fake-session.ts';

const home = 'data/profiles/alice';
const novel = 'the work of a day';

/** Alice has logged in on the first Mac, and written. */
async function atWork(): Promise<{ world: World; mac: Mac; session: Session }> {
  const world = await createWorld({ children: true });
  const [mac] = world.macs as readonly [Mac];
  await runAgent(world, mac, 'logout', null);
  world.now += 60_000;
  await runAgent(world, mac, 'login', null);
  world.now += 60_000;
  mountedFiles(mac.machine, home).write('kept-novel', novel);
  return { world, mac, session: sessionOn(world, mac, new FaultyRun(null)) };
}

const failure = (code: ErrorCode, message: string = code): RoamhomeError =>
  new RoamhomeError({ code, message, remedy: 'wait' });

/** This Mac's zfs, with something in front of each command: what it returns or throws takes the place of zfs. */
function withFault(session: Session, fault: (words: string) => Promise<never> | undefined): Session {
  const { local } = session;
  const before = async (words: string): Promise<void> => fault(words);
  const faulty: SyncZfs = {
    ...local,
    run: async (command, options) => {
      await before(command.argv.join(' '));
      return local.run(command, options);
    },
    listTree: async (root, ...rest) => {
      await before(`zfs list ${root}`);
      return local.listTree(root, ...rest);
    },
    async *diff(...words) {
      await before('zfs diff');
      yield* local.diff(...words);
    },
  };
  return { ...session, local: faulty };
}

const failing = (session: Session, pattern: RegExp, code: ErrorCode, times = Infinity): Session => {
  let left = times;
  return withFault(session, (words) =>
    pattern.test(words) && left-- > 0 ? Promise.reject(failure(code)) : undefined,
  );
};

function isInSnapshot({ machine }: Mac, content = novel): boolean {
  return [...machine.datasets.values()].some(({ name, snapshots }) =>
    snapshots.some(({ short }) =>
      [...treeOf(machine, `${name}@${short}`).values()].some(
        (entry) => entry.kind === 'file' && entry.content === content,
      ),
    ),
  );
}

const noteOf = async ({ spool }: Session): Promise<unknown> => (await spool.list()).map(({ lacks }) => lacks);

/** Another run has the lock; it is given back after so many tries, or never. */
function lockedBy(what: string, order: string[] = []): { acquireLock: AcquireLock; giveBack: () => void } {
  let isFree = false;
  let onFree = (): void => undefined;
  return {
    giveBack: () => {
      isFree = true;
      onFree();
    },
    acquireLock: async ({ onWait }) => {
      onWait?.({ pid: 4711, what, since: 'now' });
      await new Promise<void>((resolve) => {
        onFree = resolve;
        setTimeout(resolve, 50);
      });
      order.push('lock');
      if (!isFree) throw failure('locked', `another run (${what})`);
      return () => Promise.resolve();
    },
  };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('what was in the home at logout is in a snapshot', () => {
  test('though one reader keeps it mounted for a while after it was compared', async () => {
    const { mac, session, world } = await atWork();
    let unmounts = 0;
    const report = await logout(
      withFault(session, (words) =>
        words.startsWith('zfs unmount') && (unmounts += 1) > 1 && unmounts < 5
          ? Promise.reject(failure('dataset-busy'))
          : undefined,
      ),
    );
    expect(report).toMatchObject({ problems: [], secured: true, mounted: false, pending: false });
    expect(inHome(world.server)).toContain(novel);
    expect(mac.pending.size).toBe(0);
  });

  test('though what it was mounted for to compare it never comes off: another one follows when it does', async () => {
    const { mac, session, world } = await atWork();
    let unmounts = 0;
    const stuck = withFault(session, (words) =>
      words.startsWith('zfs unmount') && (unmounts += 1) > 1
        ? Promise.reject(failure('dataset-busy'))
        : undefined,
    );
    const report = await logout(stuck);
    expect(codes(report.problems)).toEqual(['dataset-busy']);
    expect(report).toMatchObject({ secured: true, pending: true, sync: { wasEqual: false } });
    expect(isInSnapshot(mac)).toBe(true);
    expect(await noteOf(session)).toEqual(['unmount']);
    expect(await pushPending(session)).toMatchObject({ outcome: 'sent', problems: [] });
    expect(mac.machine.datasets.get(home)?.mounted).toBe(null);
    expect(inHome(world.server)).toContain(novel);
    expect(mac.pending.size).toBe(0);
  });

  test('though the home stays in use: what is written later is in the next one', async () => {
    const { mac, session, world } = await atWork();
    const inUse = (): Session => failing(session, /^zfs unmount/, 'dataset-busy');
    const report = await logout(inUse());
    expect(codes(report.problems)).toEqual(['home-busy']);
    expect(report).toMatchObject({ secured: true, mounted: true, pending: true });
    expect(summarise(report, 'logout')).toMatch(/home still mounted, pending, nothing is lost, 1 problem$/);
    expect(inHome(world.server)).toContain(novel);
    mountedFiles(mac.machine, home).write('kept-late', 'written after the logout');
    world.now += 60_000;
    expect(await pushPending(inUse())).toMatchObject({ outcome: 'still-pending' });
    // A checkpoint in between does not make it one that nobody unmounts any more.
    mountedFiles(mac.machine, home).write('kept-later', 'written after that');
    world.now += 60_000;
    expect(await checkpoint(session)).toMatchObject({ outcome: 'sent' });
    expect(await noteOf(session)).toEqual(['unmount']);
    world.now += 60_000;
    expect(await pushPending(session)).toMatchObject({ outcome: 'sent', problems: [] });
    expect(isMounted(mac)).toBe(false);
    expect(inHome(world.server)).toContain('written after the logout');
  });

  test.each(['thin', 'conflicts diff', 'restore', 'push'])(
    'though %s holds the lock all the time: then it is pending, and nothing is unmounted',
    async (what) => {
      const { mac, session } = await atWork();
      const order: string[] = [];
      const ended = vi.fn(() => Promise.resolve(0));
      const watched = withFault(session, (words) => {
        if (words.startsWith('zfs snapshot')) order.push('snapshot');
        return undefined;
      });
      const { acquireLock } = lockedBy(what, order);
      const platform = { ...session.platform, endProcesses: ended };
      const report = await logout({ ...watched, platform, acquireLock });
      expect(order).toEqual(['snapshot', 'lock']);
      expect(ended).toHaveBeenCalled();
      expect(codes(report.problems)).toEqual(['locked']);
      expect(report).toMatchObject({ secured: true, mounted: true, pending: true, sync: null });
      expect(isInSnapshot(mac)).toBe(true);
      expect(await noteOf(session)).toEqual(['unmount']);
    },
  );

  test('before the lock is given back; what is written until then is in a second one', async () => {
    const { mac, session, world } = await atWork();
    const { acquireLock, giveBack } = lockedBy('thin');
    let made = 0;
    const report = await logout({
      ...withFault(session, (words) => {
        if (!words.startsWith('zfs snapshot')) return undefined;
        made += 1;
        world.now += 1000;
        if (made === 1) {
          setImmediate(() => {
            mountedFiles(mac.machine, home).write('kept-late', 'written while it waited');
            giveBack();
          });
        }
        return undefined;
      }),
      acquireLock,
    });
    expect(report).toMatchObject({ problems: [], secured: true, mounted: false, pending: false });
    expect(made).toBe(2);
    expect(inHome(world.server)).toEqual(expect.arrayContaining([novel, 'written while it waited']));
  });

  test('though a set-aside of another run has its name for the moment: by what the mount table names', async () => {
    const { mac, session } = await atWork();
    const aside = 'data/profiles-conflicts/alice-mac0-20261120T064500Z';
    const zfs = (...words: readonly string[]) => mac.root.run(['zfs', ...words]);
    await zfs('create', '-o', 'canmount=off', '-o', 'mountpoint=none', 'data/profiles-conflicts');
    expect(await zfs('rename', home, aside)).toMatchObject({ exitCode: 0 });
    if (mac.machine.datasets.get(aside)?.mounted === null) await zfs('mount', aside);
    const report = await logout({ ...session, ...lockedBy('login') });
    expect(report).toMatchObject({ secured: true, pending: true });
    expect(isInSnapshot(mac)).toBe(true);
    expect(mac.machine.datasets.get(aside)?.snapshots.at(-1)?.short).toBe(report.snapshot);
  });

  test('though it loses its name between the look and the snapshot', async () => {
    const { mac, session } = await atWork();
    const renamed = failing(session, /^zfs snapshot/, 'dataset-missing', 3);
    const report = await logout({ ...renamed, ...lockedBy('rollback') });
    expect(codes(report.problems)).toEqual(['locked']);
    expect(report).toMatchObject({ secured: true, pending: true });
    expect(isInSnapshot(mac)).toBe(true);
  });

  test('though the home cannot be listed: its datasets are snapshotted by their names', async () => {
    const { mac, session } = await atWork();
    const report = await logout(failing(session, /^zfs list data\/profiles\/alice$/, 'zfs-output-unknown'));
    expect(codes(report.problems)).toContain('zfs-output-unknown');
    expect(report).toMatchObject({ secured: true, pending: true, sync: null });
    expect(isInSnapshot(mac)).toBe(true);
    const taken = [...mac.machine.datasets.values()].filter(({ snapshots }) =>
      snapshots.some(({ short }) => short === report.snapshot),
    );
    // Not of the folder that is not synced.
    expect(taken.map(({ name }) => name)).toEqual([home, `${home}/mail`]);
  });

  test.each<[string, RegExp]>([
    ['unmounted', /^zfs unmount/],
    ['compared', /^zfs diff/],
    ['mounted to be compared', /^zfs mount -o ro/],
  ])('though it cannot be %s, whatever zfs says', async (_what, pattern) => {
    const { mac, session } = await atWork();
    const report = await logout(failing(session, pattern, 'zfs-failed'));
    expect(report.secured).toBe(true);
    expect(isInSnapshot(mac)).toBe(true);
  });

  test('though a comparison hangs: after 20 s, and though it cannot be ended', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { mac, session } = await atWork();
    const running = logout(
      withFault(session, (words) => (words === 'zfs diff' ? new Promise(() => undefined) : undefined)),
    );
    await vi.advanceTimersByTimeAsync(19_000);
    expect(isInSnapshot(mac)).toBe(false);
    await vi.advanceTimersByTimeAsync(3_500);
    expect(isInSnapshot(mac)).toBe(true);
    await vi.runAllTimersAsync();
    const report = await running;
    expect(codes(report.problems)).toContain('timed-out');
    expect(report).toMatchObject({ secured: true, pending: true });
  });

  test('though the run is told to end, as when the Mac is shut down', async () => {
    const { mac, session } = await atWork();
    const { signal } = session;
    expect(signal.aborted).toBe(false);
    const abort = new AbortController();
    const platform: Session['platform'] = {
      ...session.platform,
      endProcesses: () => {
        abort.abort(failure('cancelled'));
        return Promise.resolve(0);
      },
    };
    const heeding: SyncZfs = {
      ...session.local,
      run: async (command, options) => {
        options?.signal?.throwIfAborted();
        return session.local.run(command, options);
      },
    };
    const report = await logout({ ...session, platform, local: heeding, signal: abort.signal });
    expect(isInSnapshot(mac)).toBe(true);
    expect(report).toMatchObject({ secured: true, pending: true });
    expect(await noteOf(session)).toEqual(['unmount']);
  });

  test('though the directory that knows the user is away', async () => {
    const { mac, session } = await atWork();
    const platform = { ...session.platform, findAccount: () => Promise.resolve(null) };
    const report = await logout({ ...session, platform });
    expect(codes(report.problems)).toEqual(['user-unknown']);
    expect(isInSnapshot(mac)).toBe(true);
    expect(report).toMatchObject({ secured: true, pending: true });
  });

  test('though nothing can be noted, and the lock cannot be taken', async () => {
    const { mac, session } = await atWork();
    const unusable = (): Promise<never> => Promise.reject(failure('state-unusable'));
    const spool = { ...session.spool, addLacking: unusable, secured: unusable, remove: unusable };
    const report = await logout({ ...session, spool, acquireLock: unusable });
    expect(isInSnapshot(mac)).toBe(true);
    expect(codes(report.problems)).toContain('state-unusable');
    expect(report.secured).toBe(true);
  });
});

test('that a proof cannot be kept is told, and the logout goes on', async () => {
  const { mac, world } = await atWork();
  const session = sessionOn(world, mac, new FaultyRun(null));
  await logout(session);
  world.now += 60_000;
  await login(session);
  const bug = withFault(session, (words) =>
    words.startsWith('zfs set roamhome:unchanged') ? Promise.reject(new TypeError('a bug')) : undefined,
  );
  // Nothing of the user's changed, but the dataset was written to.
  mountedFiles(mac.machine, home).write('.DS_Store', 'view');
  const report = await logout(bug);
  expect(report.problems).toEqual([new TypeError('a bug')]);
  expect(report).toMatchObject({ secured: true, snapshot: null, mounted: false, pending: false });
});

describe('where no snapshot can be made', () => {
  const full = (session: Session): Session => failing(session, /^zfs snapshot/, 'no-space');

  test('that is said first, it is pending, and the job makes it once there is room', async () => {
    const { mac, session, world } = await atWork();
    const report = await logout(full(session));
    expect(codes(report.problems)).toEqual(['no-snapshot']);
    expect(report.problems[0]?.message).toContain(`NO snapshot of ${home}`);
    expect(report).toMatchObject({ secured: false, snapshot: null, pending: true });
    expect(summarise(report, 'logout')).toMatch(
      /^logout of alice: NO SNAPSHOT of all that is in the home, nothing to send, /,
    );
    expect(summarise(report, 'logout')).not.toContain('nothing is lost');
    expect(await noteOf(session)).toEqual(['snapshot']);

    const still = await pushPending(full(session));
    expect(still.outcome).toBe('still-pending');
    expect(describePush(still)).toContain('NO snapshot');
    expect(await noteOf(session)).toEqual(['snapshot']);

    expect(await pushPending(session)).toMatchObject({ outcome: 'sent', problems: [] });
    expect(inHome(world.server)).toContain(novel);
    expect(mac.pending.size).toBe(0);
  });

  test('that is said before anything that failed earlier', async () => {
    const { session } = await atWork();
    const report = await logout(failing(full(session), /^zfs unmount/, 'dataset-busy'));
    expect(codes(report.problems)).toEqual(['no-snapshot', 'home-busy']);
    expect(report).toMatchObject({ mounted: true, pending: true });
  });

  test('a login notes it, and one that can make it takes that back', async () => {
    const { mac, session } = await atWork();
    await logout(full(session));
    expect(await login(full(session))).toMatchObject({ secured: false, mounted: true, pending: true });
    expect(await noteOf(session)).toEqual(['snapshot']);
    await mac.root.run(['zfs', 'unmount', home]);
    expect(await login(session)).toMatchObject({ secured: true, mounted: true, pending: false });
    expect(await noteOf(session)).toEqual([]);
    expect(isInSnapshot(mac)).toBe(true);
  });

  test('of one dataset with too long a name, the others have theirs and are sent', async () => {
    const { mac, session, world } = await atWork();
    const [close, tooLong] = [`${home}/${'m'.repeat(205)}`, `${home}/${'n'.repeat(225)}`];
    for (const name of [close, tooLong]) {
      await mac.root.run(['zfs', 'create', name]);
      mountedFiles(mac.machine, name).write('in', `in ${name}`);
    }
    const report = await logout(session);
    expect(codes(report.problems)).toEqual(['no-snapshot']);
    expect(report.problems[0]).toMatchObject({ message: expect.stringContaining(tooLong) as unknown });
    expect(report).toMatchObject({ secured: false, pending: true });
    expect(inHome(world.server)).toContain(novel);
    expect(isInSnapshot(mac, `in ${close}`)).toBe(true);
    expect(datasetsAtOrBelow(world.server, close)).toHaveLength(1);
    expect(await noteOf(session)).toEqual(['snapshot']);

    const before = mac.machine.datasets.get(home)?.snapshots.length;
    world.now += 60_000;
    expect(await pushPending(session)).toMatchObject({ outcome: 'still-pending' });
    // Nothing changed meanwhile: no heap of snapshots because of the one that cannot have one.
    expect(mac.machine.datasets.get(home)?.snapshots).toHaveLength(before ?? -1);
    await mac.root.run(['zfs', 'rename', tooLong, `${home}/n`]);
    world.now += 60_000;
    expect(await pushPending(session)).toMatchObject({ outcome: 'sent', problems: [] });
    expect(isInSnapshot(mac, `in ${tooLong}`)).toBe(true);
    expect(mac.pending.size).toBe(0);
  });

  test('because of one dataset alone, the others have theirs', async () => {
    const { mac, session } = await atWork();
    const report = await logout(failing(session, /^zfs snapshot .*\/mail@/, 'zfs-failed'));
    expect(report.problems[0]?.message).toContain(`NO snapshot of ${home}/mail`);
    expect(report).toMatchObject({ secured: false, pending: true });
    expect(isInSnapshot(mac)).toBe(true);
  });
});

describe('a login into a home that is still in use', () => {
  test('keeps what is in it in a snapshot first, and does not sync it', async () => {
    const { mac, session } = await atWork();
    setInUse(mac.machine, home, true);
    const report = await login(session);
    expect(codes(report.problems)).toEqual(['home-busy']);
    expect(report).toMatchObject({ sync: null, mounted: true, secured: true, pending: true });
    expect(report.snapshot).not.toBeNull();
    expect(isInSnapshot(mac)).toBe(true);
  });

  test('says so where that cannot be made', async () => {
    const { mac, session } = await atWork();
    setInUse(mac.machine, home, true);
    const report = await login(failing(session, /^zfs snapshot/, 'no-space'));
    expect(codes(report.problems)).toEqual(['no-snapshot', 'home-busy']);
    expect(report).toMatchObject({ secured: false, mounted: true, pending: true });
  });
});
