import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defaultsFor } from '../../../src/config/defaults.ts';
import { RoamhomeError } from '../../../src/errors/errors.ts';
import { localTime } from '../../../src/format/time.ts';
import {
  describePending,
  describePush,
  serverProblem,
  yieldedPush,
  type PushOutcome,
} from '../../../src/homes/push-pending.ts';
import { adoptNotes, listAll, spoolsOf } from '../../../src/homes/pending/notes-elsewhere.ts';
import { createSpool } from '../../../src/homes/pending/spool.ts';
import { inHome, stateOf } from '../../support/model/invariants.ts';
import {
  createWorld,
  edit,
  isMounted,
  losePower,
  pushFrom,
  runAgent,
  type Mac,
  type World,
} from '../../support/model/world.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'roamhome-spool-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe('the spool', () => {
  const since = '2026-11-20T06:45:00.000Z';

  test('a file for each home, for root alone; the first time counts', async () => {
    const spool = createSpool(join(directory, 'pending'));
    expect(await spool.list()).toEqual([]);
    await spool.add('bob', since);
    await spool.add('alice', since);
    await spool.add('alice', '2027-01-01T00:00:00.000Z');
    expect(await spool.list()).toEqual([
      { user: 'alice', since, lacks: null },
      { user: 'bob', since, lacks: null },
    ]);
    expect(readdirSync(join(directory, 'pending'))).toEqual(['alice', 'bob']);
    expect(statSync(join(directory, 'pending')).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, 'pending', 'alice')).mode & 0o777).toBe(0o600);
    await spool.remove('alice');
    await spool.remove('alice');
    expect(describePending(await spool.list())).toBe(`bob: since ${localTime(Date.parse(since))}`);
    expect(describePending([])).toBe('no home is waiting to be sent');
  });

  test('says what a home lacks besides being sent, until it lacks it no more', async () => {
    const spool = createSpool(join(directory, 'pending'));
    await spool.secured('alice');
    expect(await spool.list()).toEqual([]);
    await spool.add('alice', since);
    await spool.addLacking('alice', '2027-01-01T00:00:00.000Z', 'snapshot');
    await spool.addLacking('bob', since, 'unmount');
    // One that is only to be sent takes nothing back.
    await spool.add('alice', since);
    const homes = await spool.list();
    expect(homes).toEqual([
      { user: 'alice', since, lacks: 'snapshot' },
      { user: 'bob', since, lacks: 'unmount' },
    ]);
    expect(describePending(homes)).toMatch(/^alice: .*, NOT YET in a snapshot\nbob: .*, and still mounted$/);
    await spool.secured('alice');
    expect((await spool.list())[0]).toEqual({ user: 'alice', since, lacks: null });
  });

  test('what was noted in the default directory, while the setting was wrong, is found and taken over', async () => {
    const own = createSpool(join(directory, 'own'));
    const fallback = createSpool(join(directory, 'default'));
    await fallback.addLacking('alice', since, 'snapshot');
    await fallback.add('bob', '2027-01-01T00:00:00.000Z');
    await own.add('bob', since);
    const spools = { own, fallback };
    const all = [
      { user: 'alice', since, lacks: 'snapshot' },
      { user: 'bob', since, lacks: null },
    ];
    expect(await listAll(spools)).toEqual(all);
    await adoptNotes(spools, new Date(0));
    expect([await own.list(), await fallback.list()]).toEqual([all, []]);
    await adoptNotes(spools, new Date(0));
    expect(await listAll(spools)).toEqual(all);
  });

  test('the default directory is looked at only where the setting names another', () => {
    const of = (spoolDir: string) => {
      const config = defaultsFor('linux', 'mac');
      return spoolsOf({ local: { ...config.local, spoolDir } }, 'linux').fallback;
    };
    expect(of('/var/lib/roamhome/pending')).toBeNull();
    expect(of('/srv/spool')).not.toBeNull();
  });

  test('what somebody else put there, or a crash cut short, is still a hint', async () => {
    const spool = createSpool(directory);
    writeFileSync(join(directory, 'alice'), '{"sin');
    writeFileSync(join(directory, '.half'), '');
    expect(await spool.list()).toEqual([{ user: 'alice', since: null, lacks: null }]);
  });

  test('a directory that others can write in is not used', async () => {
    const open = join(directory, 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    await expect(createSpool(open).add('alice', since)).rejects.toMatchObject({ code: 'state-unusable' });
    await expect(createSpool(directory).add('../alice', since)).rejects.toMatchObject({
      code: 'user-name-invalid',
    });
    expect(existsSync(join(open, 'alice'))).toBe(false);
  });
});

test('a push that gave way to a session is no failure', () => {
  const cancelled = new RoamhomeError({ code: 'cancelled', message: 'm', remedy: 'r' });
  const full = new RoamhomeError({ code: 'no-space', message: 'full', remedy: 'r' });
  const cut: PushOutcome = {
    user: 'alice',
    outcome: 'still-pending',
    conflict: false,
    pushedBytes: 7,
    problems: [cancelled, full],
    warnings: [],
  };
  expect(yieldedPush(cut)).toEqual({ ...cut, outcome: 'in-use', problems: [full] });
  expect(yieldedPush({ ...cut, outcome: 'sent', problems: [cancelled] })).toMatchObject({
    outcome: 'sent',
    problems: [],
  });
});

describe('a home that could not be sent', () => {
  async function offlineFor(sessions: number): Promise<{ world: World; first: Mac; second: Mac }> {
    const world = await createWorld({ children: true });
    const [first, second] = world.macs as readonly [Mac, Mac];
    await runAgent(world, first, 'logout', null);
    await runAgent(world, second, 'login', null);
    second.online = false;
    for (let i = 0; i < sessions; i++) {
      edit(world, second);
      world.now += 60_000;
      expect(await runAgent(world, second, 'logout', null)).toMatchObject({ pending: true });
      if (i + 1 < sessions)
        expect(await runAgent(world, second, 'login', null)).toMatchObject({ pending: true });
    }
    return { world, first, second };
  }

  test.each([1, 5])('waits through %i sessions, and is sent whole by the job', async (sessions) => {
    const { world, second } = await offlineFor(sessions);
    expect([...second.pending.keys()]).toEqual(['alice']);
    const away = await pushFrom(world, second, null);
    expect(away?.outcome).toBe('still-pending');
    expect(serverProblem(away!)?.code).toBe('server-unreachable');
    expect(describePush(away!)).toBe('alice: still pending (away)');

    second.online = true;
    expect(await pushFrom(world, second, null)).toMatchObject({ outcome: 'sent', problems: [] });
    expect(second.pending.size).toBe(0);
    const synced = inHome(second.machine).filter((content) => !content.includes('/caches'));
    expect([...inHome(world.server)].sort()).toEqual([...synced].sort());
  });

  test('is sent beside the user’s next session, which is not disturbed', async () => {
    const { world, second } = await offlineFor(2);
    await runAgent(world, second, 'login', null);
    edit(world, second);
    second.online = true;
    expect(await pushFrom(world, second, null)).toMatchObject({ outcome: 'sent' });
    expect(isMounted(second)).toBe(true);
    world.now += 60_000;
    expect(await runAgent(world, second, 'logout', null)).toMatchObject({ problems: [], pending: false });
  });

  test('that met a conflict goes to a branch, once', async () => {
    const { world, first, second } = await offlineFor(2);
    await runAgent(world, first, 'login', null);
    edit(world, first);
    await runAgent(world, first, 'logout', null);
    second.online = true;
    const sent = await pushFrom(world, second, null);
    expect(sent).toMatchObject({ outcome: 'sent', conflict: true, problems: [] });
    expect(describePush(sent!)).toMatch(/^alice: sent .*, CONFLICT: work is kept beside the home$/);
    expect(sent?.warnings).toHaveLength(1);
    const state = stateOf(world);
    expect(await pushFrom(world, second, null)).toMatchObject({ outcome: 'sent', pushedBytes: 0 });
    expect(stateOf(world)).toBe(state);
  });

  test('is noted before the network is touched: a power cut in the middle leaves it waiting', async () => {
    const { world, second } = await offlineFor(1);
    second.online = true;
    await runAgent(world, second, 'login', null);
    expect(second.pending.size).toBe(0);
    edit(world, second);
    world.now += 60_000;
    await runAgent(world, second, 'logout', { kind: 'killed-at-byte', bytes: 300 });
    losePower(second);
    expect([...second.pending.keys()]).toEqual(['alice']);
    expect(await pushFrom(world, second, null)).toMatchObject({ outcome: 'sent' });
  });

  test('and that nobody has any more is forgotten', async () => {
    const { world, second } = await offlineFor(1);
    second.online = true;
    await second.root.run(['zfs', 'destroy', '-r', 'data/profiles/alice']);
    expect(await pushFrom(world, second, null)).toMatchObject({ outcome: 'sent' });
    expect(second.pending.size).toBe(0);
  });
});
