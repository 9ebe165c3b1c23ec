import { describe, expect, test } from 'vitest';
import { RoamhomeError } from '../../../../src/errors/errors.ts';
import type { Argv, Host } from '../../../../src/host/host.ts';
import { dryRun } from '../../../../src/homes/dry-run.ts';
import { login } from '../../../../src/homes/login.ts';
import { logout } from '../../../../src/homes/logout.ts';
import type { SessionReport } from '../../../../src/homes/report.ts';
import type { Session } from '../../../../src/homes/session.ts';
import { setInUse } from '../../../../src/simulator/files/files.ts';
import { createSyncZfs, type SyncZfs } from '../../../../src/zfs/sync-zfs.ts';
import { FaultyRun, type Fault } from '../../../support/model/faults.ts';
import { recordOf, stateOf } from '../../../support/model/invariants.ts';
import {
  checkpointOn,
  createWorld,
  edit,
  isMounted,
  losePower,
  pushFrom,
  sessionOn,
  type Mac,
  type World,
} from '../../../support/model/world.ts';
import { codes } from '../../../support/homes/fake-session.ts';

const home = 'data/profiles/alice';

interface Circumstances {
  readonly machineId?: string;
  readonly policy?: 'allow' | 'deny';
  readonly fault?: Fault;
  /** Runs after the Mac's n-th remote command of a verb: what another Mac does in between. */
  readonly after?: (verb: string, nth: number) => Promise<unknown>;
}

function sessionWith(world: World, mac: Mac, circumstances: Circumstances): Session {
  const { policy = 'allow', fault = null, after = () => Promise.resolve(), machineId = null } = circumstances;
  const faulty = new FaultyRun(fault);
  const plain = sessionOn(world, mac, faulty);
  const host = faulty.host(mac.toServer, true);
  const count: Record<string, number> = {};
  const watched: Host = {
    ...host,
    run: async (argv, options) => {
      const result = await host.run(argv, options);
      const verb = argv[1] ?? '';
      await after(verb, (count[verb] = (count[verb] ?? 0) + 1));
      return result;
    },
  };
  return {
    ...plain,
    machineId,
    config: {
      ...plain.config,
      policies: { ...plain.config.policies, loggedInElsewhere: policy },
    },
    server: { ...plain.server, zfs: createSyncZfs(watched, plain.local.observer) },
  };
}

/** A run a minute later, and the remote commands that it took. */
async function run(
  world: World,
  mac: Mac,
  what: 'login' | 'logout',
  circumstances: Circumstances = {},
): Promise<SessionReport & { readonly remote: readonly string[] }> {
  world.now += 60_000;
  const before = mac.toServer.commandLog.length;
  const report = await (what === 'login' ? login : logout)(sessionWith(world, mac, circumstances));
  const remote = mac.toServer.commandLog.slice(before).map(({ argv }) => argv[1] ?? '');
  return { ...report, remote };
}

const setRecord = (world: World, value: string): Promise<unknown> =>
  world.admin.run(['zfs', 'set', `roamhome:session=${value}`, home] satisfies Argv);

/** The first Mac's home is on the server and on the second too; nobody is logged in, and it is 06:48. */
async function twoMacs(): Promise<{ world: World; first: Mac; second: Mac }> {
  const world = await createWorld({ children: true });
  const [first, second] = world.macs as readonly [Mac, Mac];
  await run(world, first, 'logout');
  await run(world, second, 'login');
  await run(world, second, 'logout');
  return { world, first, second };
}

describe('one Mac', () => {
  test('a login sets the record and a logout clears it, in as few remote commands as can be', async () => {
    const { world, first } = await twoMacs();
    expect(recordOf(world)).toBeNull();
    expect(await run(world, first, 'login')).toMatchObject({
      remote: ['list', 'set'],
      mounted: true,
      problems: [],
      warnings: [],
    });
    expect(recordOf(world)).toBe('mac0,2026-11-20T06:49:00Z');
    const unchanged = await run(world, first, 'logout');
    expect(unchanged).toMatchObject({ remote: ['list', 'inherit'], problems: [], warnings: [] });
    expect(recordOf(world)).toBeNull();

    await run(world, first, 'login');
    edit(world, first);
    const changed = await run(world, first, 'logout');
    expect(changed).toMatchObject({ problems: [], warnings: [] });
    // Of a home with a dataset below it. The record is read again: the push may have taken long.
    expect(changed.remote).toEqual(['list', 'receive', 'receive', 'list', 'inherit']);
    expect(recordOf(world)).toBeNull();
  });

  test('the connection is closed once the record is written, not before', async () => {
    const { world, first } = await twoMacs();
    const order: string[] = [];
    const after = async (verb: string): Promise<void> => {
      // The mount is long over.
      await new Promise((resolve) => setTimeout(resolve, 20));
      order.push(`${verb}, ${isMounted(first) ? 'mounted' : 'not mounted'}`);
    };
    const session = sessionWith(world, first, { after });
    const close = (): Promise<void> => {
      order.push('close');
      return Promise.resolve();
    };
    await login({ ...session, server: { ...session.server, close } });
    expect(order).toEqual(['list, not mounted', 'set, mounted', 'close']);
  });

  test("a crash leaves this Mac's own record, which the next login here writes over without a word", async () => {
    const { world, first } = await twoMacs();
    await run(world, first, 'login');
    losePower(first);
    for (const policy of ['allow', 'deny'] as const) {
      const report = await run(world, first, 'login', { policy });
      expect(report).toMatchObject({ mounted: true, problems: [], warnings: [] });
      expect(recordOf(world)).toBe(`mac0,${new Date(world.now).toISOString().slice(0, 19)}Z`);
    }
  });

  test('a home that the server gets by the push of the login has a record too', async () => {
    const world = await createWorld({ children: false });
    const [first] = world.macs as readonly [Mac];
    losePower(first);
    for (const policy of ['allow', 'deny'] as const) {
      await world.admin.run(['zfs', 'destroy', '-r', home]);
      expect(await run(world, first, 'login', { policy })).toMatchObject({ mounted: true, problems: [] });
      expect(recordOf(world)).toMatch(/^mac0,/);
    }
  });

  test('offline nobody is refused and nothing is written; the job that sends afterwards gives the record up', async () => {
    const { world, first, second } = await twoMacs();
    await run(world, first, 'login');
    const record = recordOf(world);
    first.online = second.online = false;
    const report = await run(world, second, 'login', { policy: 'deny' });
    expect(report).toMatchObject({ mounted: true, warnings: [] });
    expect(codes(report.problems)).toEqual(['server-unreachable']);
    edit(world, first);
    expect(await run(world, first, 'logout')).toMatchObject({ pending: true, warnings: [] });
    first.online = true;
    expect(recordOf(world)).toBe(record);
    expect(await pushFrom(world, first, null)).toMatchObject({ outcome: 'sent', warnings: [] });
    expect(recordOf(world)).toBeNull();
    second.online = true;
    expect(await run(world, second, 'login', { policy: 'deny' })).toMatchObject({
      mounted: true,
      problems: [],
      warnings: [],
    });
  });

  test('a push beside a session leaves its record, and one after it that of another Mac', async () => {
    const { world, first, second } = await twoMacs();
    await run(world, first, 'login');
    edit(world, first);
    first.online = false;
    await run(world, first, 'logout');
    // Back again, without the server.
    await run(world, first, 'login');
    first.online = true;
    const own = recordOf(world);
    expect(own).toMatch(/^mac0,/);
    first.pending.set('alice', new Date(world.now).toISOString());
    expect(await pushFrom(world, first, null)).toMatchObject({ outcome: 'sent' });
    expect(recordOf(world)).toBe(own);

    edit(world, first);
    first.online = false;
    await run(world, first, 'logout');
    first.online = true;
    await run(world, second, 'login');
    expect(await pushFrom(world, first, null)).toMatchObject({ warnings: [] });
    expect(recordOf(world)).toMatch(/^mac1,/);
  });

  test('what a logout could not say for a lost link, the job says: nobody is logged in here', async () => {
    const { world, first } = await twoMacs();
    await run(world, first, 'login');
    edit(world, first);
    const session = sessionWith(world, first, {});
    const cut = new RoamhomeError({
      code: 'connection-lost',
      message: 'cut',
      remedy: 'wait',
      retryable: true,
    });
    const zfs: SyncZfs = {
      ...session.server.zfs,
      run: (command, options) =>
        command.argv[1] === 'inherit' ? Promise.reject(cut) : session.server.zfs.run(command, options),
    };
    const report = await logout({ ...session, server: { ...session.server, zfs } });
    expect(report).toMatchObject({ pending: false, problems: [] });
    expect(recordOf(world)).toMatch(/^mac0,/);
    expect([...first.pending.keys()]).toEqual(['alice']);
    await pushFrom(world, first, null);
    expect(recordOf(world)).toBeNull();
    expect([...first.pending.keys()]).toEqual([]);
  });

  test('what fails about the record is a warning, and no more', async () => {
    const { world, first } = await twoMacs();
    await world.admin.run(['zfs', 'unallow', '-u', 'zfs_mobile_sync', 'userprop', 'data/profiles']);
    for (const policy of ['allow', 'deny'] as const) {
      const report = await run(world, first, 'login', { policy });
      expect(report).toMatchObject({ mounted: true, problems: [], remote: ['list', 'set'] });
      expect(report.warnings).toEqual([
        expect.stringMatching(/^the server's record of where alice is logged in may be wrong now: .*denied$/),
      ]);
    }
    await setRecord(world, 'mac0,2026-11-20T06:45:00Z');
    const report = await run(world, first, 'logout');
    expect(report).toMatchObject({ pending: false, problems: [], remote: ['list', 'inherit'] });
    expect(report.warnings).toEqual([expect.stringContaining('permission denied')]);
  });

  test('a link that went during the sync is not made anew for the record', async () => {
    const { world, first } = await twoMacs();
    await run(world, first, 'login');
    edit(world, first);
    const before = recordOf(world);
    // In the middle of the push.
    const session = sessionWith(world, first, { fault: { kind: 'cut-at-byte', bytes: 100 } });
    const asked: Argv[] = [];
    const ask: SyncZfs['run'] = (command, options) => {
      asked.push(command.argv);
      return session.server.zfs.run(command, options);
    };
    const zfs: SyncZfs = { ...session.server.zfs, run: ask };
    const report = await logout({ ...session, server: { ...session.server, zfs } });
    expect(codes(report.problems)).toEqual(['connection-lost']);
    expect(asked).toEqual([]);
    expect(report.warnings).toEqual([expect.stringContaining('may be wrong now: the link was cut')]);
    expect(recordOf(world)).toBe(before);
  });

  test('a login that cannot mount a home takes its record back, and writes over nobody else’s', async () => {
    const world = await createWorld({ children: false });
    const [first, second] = world.macs as readonly [Mac, Mac];
    await run(world, first, 'logout');
    await world.admin.run(['zfs', 'unallow', '-u', 'zfs_mobile_sync', 'send', 'data/profiles']);
    for (const record of [null, 'mac0,2026-11-20T06:45:00Z']) {
      if (record !== null) await setRecord(world, record);
      const report = await run(world, second, 'login');
      expect(report).toMatchObject({ mounted: false, sync: null });
      expect(report.remote.filter((verb) => /set|inherit/.test(verb))).toEqual(
        record === null ? ['set', 'inherit'] : [],
      );
      expect(recordOf(world)).toBe(record);
    }
  });

  test('a home still in use here is a session too', async () => {
    const { world, first } = await twoMacs();
    await run(world, first, 'login');
    await world.admin.run(['zfs', 'inherit', 'roamhome:session', home]);
    setInUse(first.machine, home, true);
    const report = await run(world, first, 'login');
    expect(codes(report.problems)).toEqual(['home-busy']);
    expect(report.mounted).toBe(true);
    expect(recordOf(world)).toMatch(/^mac0,/);
  });
});

describe('logged in elsewhere', () => {
  test('allowed: it is said with host and time, and this Mac has the record; the other leaves it', async () => {
    const { world, first, second } = await twoMacs();
    await run(world, first, 'login');
    world.now += 3_600_000;
    const there = await run(world, second, 'login');
    expect(there).toMatchObject({ mounted: true, problems: [], remote: ['list', 'set', 'list'] });
    expect(there.warnings).toEqual([
      'Your last session on mac0 has not reached the server yet. Files that you changed there are missing here for now. Nothing is lost.',
    ]);
    const record = recordOf(world);
    expect(record).toMatch(/^mac1,/);
    const here = await run(world, first, 'logout');
    expect(here).toMatchObject({ problems: [], remote: ['list'] });
    expect(here.warnings).toEqual([
      expect.stringMatching(/^alice is logged in on mac1 since .*; that record is left on the server$/),
    ]);
    expect(recordOf(world)).toBe(record);
    expect(await run(world, second, 'logout')).toMatchObject({ problems: [], warnings: [] });
    expect(recordOf(world)).toBeNull();
  });

  test('denied: nothing is pulled, mounted or written, what this Mac has is kept, and it is said how to go on', async () => {
    const { world, first, second } = await twoMacs();
    await run(world, second, 'login');
    edit(world, second);
    losePower(second);
    await setRecord(world, 'mac0,2026-11-20T06:45:00Z');
    const server = stateOf({ ...world, macs: [] });
    const report = await run(world, second, 'login', { policy: 'deny' });
    expect(report).toMatchObject({ mounted: false, sync: null, pending: true, remote: ['list'] });
    expect(report.problems).toMatchObject([
      {
        code: 'logged-in-elsewhere',
        message: expect.stringMatching(/^alice is logged in on mac0 since .* is deny$/) as string,
        remedy: expect.stringContaining(`\`zfs inherit roamhome:session ${home}\``) as string,
      },
    ]);
    expect(report.snapshot).not.toBeNull();
    expect(isMounted(second)).toBe(false);
    expect(recordOf(world)).toBe('mac0,2026-11-20T06:45:00Z');
    expect(stateOf({ ...world, macs: [] })).toBe(server);

    await run(world, first, 'logout');
    expect(await run(world, second, 'login', { policy: 'deny' })).toMatchObject({
      mounted: true,
      problems: [],
      warnings: [],
    });
  });

  test('denied: of two that come at once, the one that reads the other’s record gives way', async () => {
    const { world, first } = await twoMacs();
    const others = 'mac1,2026-11-20T06:45:00Z';
    const report = await run(world, first, 'login', {
      policy: 'deny',
      after: async (verb) => (verb === 'set' ? setRecord(world, others) : undefined),
    });
    expect(codes(report.problems)).toEqual(['logged-in-elsewhere']);
    expect(report).toMatchObject({ mounted: false, remote: ['list', 'set', 'list'] });
    expect(recordOf(world)).toBe(others);
  });

  test('a logout whose push takes long leaves the record of a Mac that came meanwhile, and says so', async () => {
    const { world, first, second } = await twoMacs();
    await run(world, first, 'login');
    edit(world, first);
    let came = false;
    const session = sessionWith(world, first, {});
    const zfs: SyncZfs = {
      ...session.server.zfs,
      listTree: async (...asked) => {
        const listed = await session.server.zfs.listTree(...asked);
        if (!came) {
          came = true;
          await run(world, second, 'login');
        }
        return listed;
      },
    };
    const report = await logout({ ...session, server: { ...session.server, zfs } });
    expect(report.problems).toEqual([]);
    expect(report.warnings).toEqual([
      expect.stringMatching(/^alice is logged in on mac1 since .*; that record is left on the server$/),
    ]);
    expect(recordOf(world)).toMatch(/^mac1,/);
    // So the policy still knows of the other.
    expect(codes((await run(world, first, 'login', { policy: 'deny' })).problems)).toEqual([
      'logged-in-elsewhere',
    ]);
  });

  test('denied: a Mac of another name since is not kept out by its own record, and its logout clears it', async () => {
    const { world, first } = await twoMacs();
    await setRecord(world, 'MacBook-Pro,2026-11-20T06:45:00Z,5f3a9c1e');
    const own = { machineId: '5f3a9c1e', policy: 'deny' } as const;
    expect(await run(world, first, 'login', own)).toMatchObject({
      mounted: true,
      problems: [],
      warnings: [],
    });
    await setRecord(world, 'MacBook-Pro,2026-11-20T06:45:00Z,5f3a9c1e');
    expect(await run(world, first, 'logout', own)).toMatchObject({ problems: [], warnings: [] });
    expect(recordOf(world)).toBeNull();
  });

  test('two Macs of one disk image with one name see each other, and are told to take another name', async () => {
    const { world, first } = await twoMacs();
    const namesakes = 'mac0,2026-11-20T06:45:00Z,00000001';
    await setRecord(world, namesakes);
    const own = { machineId: '00000002' };
    const denied = await run(world, first, 'login', { ...own, policy: 'deny' });
    expect(denied.problems).toMatchObject([
      {
        code: 'logged-in-elsewhere',
        message: expect.stringContaining('on another machine that is named mac0 too,') as string,
        remedy: expect.stringContaining('local.macName') as string,
      },
    ]);
    const warned = await run(world, first, 'login', own);
    expect(warned).toMatchObject({
      mounted: true,
      warnings: [expect.stringMatching(/named mac0 too, .*Give one of the two another local.macName/)],
    });
    expect(recordOf(world)).toMatch(/^mac0,.*,00000002$/);
    await setRecord(world, namesakes);
    const left = await run(world, first, 'logout', own);
    expect(left.warnings).toEqual([expect.stringContaining('that record is left')]);
    expect(recordOf(world)).toBe(namesakes);
  });

  test('to an older gate, which knows no ids, the record is written without', async () => {
    const { world, first } = await twoMacs();
    const session = sessionWith(world, first, { machineId: '5f3a9c1e' });
    const zfs: SyncZfs = {
      ...session.server.zfs,
      run: (command, options) =>
        command.argv.some((word) => word.endsWith(',5f3a9c1e'))
          ? Promise.reject(new RoamhomeError({ code: 'command-refused', message: 'no record', remedy: '' }))
          : session.server.zfs.run(command, options),
    };
    const report = await login({ ...session, server: { ...session.server, zfs } });
    expect(report).toMatchObject({ mounted: true, problems: [], warnings: [] });
    expect(recordOf(world)).toMatch(/^mac0,[^,]*Z$/);
  });

  test('denied: the record stands before a long pull begins', async () => {
    const { world, first, second } = await twoMacs();
    await run(world, first, 'login');
    edit(world, first);
    await run(world, first, 'logout');
    const report = await run(world, second, 'login', { policy: 'deny' });
    expect(report.remote.slice(0, 4)).toEqual(['list', 'set', 'list', 'send']);
    expect(report.remote.slice(4)).not.toContain('set');
  });

  test('a record that went between writing and reading is written again', async () => {
    const { world, first } = await twoMacs();
    await setRecord(world, 'mac1,2026-11-20T06:45:00Z');
    const report = await run(world, first, 'login', {
      after: async (verb, nth) =>
        verb === 'set' && nth === 1 ? world.admin.run(['zfs', 'inherit', 'roamhome:session', home]) : null,
    });
    expect(report).toMatchObject({ problems: [], remote: ['list', 'set', 'list', 'set'] });
    expect(recordOf(world)).toMatch(/^mac0,/);
  });

  test('allowed: one who has come in between is said as well', async () => {
    const { world, first } = await twoMacs();
    await setRecord(world, 'mac1,2026-11-20T06:45:00Z');
    const report = await run(world, first, 'login', {
      after: async (verb) => (verb === 'set' ? setRecord(world, 'mac2,2026-11-20T06:45:00Z') : undefined),
    });
    expect(report).toMatchObject({ mounted: true, problems: [] });
    expect(report.warnings).toEqual([
      expect.stringMatching(/^Your last session on mac1 has not reached the server yet\./),
      expect.stringMatching(/^Your last session on mac2 has not reached the server yet\./),
    ]);
    expect(recordOf(world)).toMatch(/^mac2,/);
  });

  test.each(['allow', 'deny'] as const)(
    'a record that cannot be read is said, and locks nobody out (%s)',
    async (policy) => {
      const { world, first } = await twoMacs();
      await setRecord(world, 'nonsense');
      const report = await run(world, first, 'login', { policy });
      expect(report).toMatchObject({ mounted: true, problems: [] });
      expect(report.warnings).toEqual([expect.stringContaining('cannot be read: "nonsense"')]);
      expect(recordOf(world)).toMatch(/^mac0,/);
      await setRecord(world, 'nonsense');
      expect((await run(world, first, 'logout')).warnings).toEqual([expect.stringContaining('is left')]);
      expect(recordOf(world)).toBe('nonsense');
    },
  );
});

describe('what the user is told of their last session elsewhere', () => {
  test('nothing of it has arrived: in their words, and the same where a notification shows it', async () => {
    const { world, first, second } = await twoMacs();
    await run(world, first, 'login');
    edit(world, first);
    first.online = false;
    await run(world, first, 'logout');
    const { warnings, notices } = await run(world, second, 'login');
    expect(warnings).toEqual([
      'Your last session on mac0 has not reached the server yet. Files that you changed there are missing here for now. Nothing is lost.',
    ]);
    expect(notices).toEqual(warnings);
  });

  test('a checkpoint of it is here: until when', async () => {
    const { world, first, second } = await twoMacs();
    await run(world, first, 'login');
    world.now += 60_000;
    edit(world, first);
    await checkpointOn(world, first, null);
    const { warnings, notices } = await run(world, second, 'login');
    expect(warnings).toEqual([
      expect.stringMatching(
        /^Your session on mac0 is still open, or its end has not reached the server yet\. Files that you changed there after \d{4}-\d\d-\d\d \d\d:\d\d are missing here for now\. Nothing is lost\.$/,
      ),
    ]);
    expect(notices).toEqual(warnings);
  });

  test('what this Mac itself could not send is told at the next login, to the user alone', async () => {
    const { world, first } = await twoMacs();
    await run(world, first, 'login');
    edit(world, first);
    first.online = false;
    await run(world, first, 'logout');
    const { warnings, notices } = await run(world, first, 'login');
    expect([warnings, notices]).toEqual([
      [],
      [
        'Your last work on this computer has not reached the server yet. It is safe here, and is missing on other computers for now.',
      ],
    ]);
    await run(world, first, 'logout');
    first.online = true;
    expect((await run(world, first, 'login')).notices).toEqual([]);
  });
});

describe('a dry run', () => {
  async function shown(record: string | null, what: 'login' | 'logout', policy: 'allow' | 'deny' = 'allow') {
    const { world, first } = await twoMacs();
    if (record !== null) await setRecord(world, record);
    const lines = await dryRun(sessionWith(world, first, { policy }), what);
    expect(recordOf(world)).toBe(record);
    return lines.flatMap(({ words, commands }) => [
      words,
      ...commands.map(({ place, argv }) => `${place}: ${argv.join(' ')}`),
    ]);
  }
  const elsewhere = 'mac1,2026-11-20T06:45:00Z';

  test('shows what becomes of the record', async () => {
    const set = [
      'record that alice is logged in here',
      `server: zfs set roamhome:session=mac0,2026-11-20T06:48:00Z ${home}`,
    ];
    expect((await shown(null, 'login')).slice(-4)).toEqual([
      ...set,
      'mount it at /Users/alice',
      `mac0: zfs mount ${home}`,
    ]);
    const warned = await shown(elsewhere, 'login');
    expect(warned).toEqual(expect.arrayContaining(set));
    expect(warned.join('\n')).toContain('logged in on mac1');
    expect((await shown('mac0,2026-11-20T06:45:00Z', 'logout')).slice(-2)).toEqual([
      'record that alice is not logged in here any more',
      `server: zfs inherit roamhome:session ${home}`,
    ]);
    expect((await shown(elsewhere, 'logout')).at(-1)).toMatch(/mac1 since .*; that record is left$/);
    expect((await shown(null, 'logout')).join('\n')).not.toContain('record');
  });

  test('shows a login that is denied, and no step of it', async () => {
    const lines = await shown(elsewhere, 'login', 'deny');
    expect(lines.slice(-2)).toEqual([
      expect.stringMatching(/^alice is logged in on mac1 .* is deny$/),
      expect.stringMatching(/^Log out there\./),
    ]);
    expect(lines.join('\n')).not.toMatch(/zfs (set|mount|receive)/);
  });
});
