import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { RoamhomeError } from '../../../src/errors/errors.ts';
import { login } from '../../../src/homes/login.ts';
import { logout } from '../../../src/homes/logout.ts';
import { summarise } from '../../../src/homes/report.ts';
import { codes, fakeSession, type FakeOptions } from '../../support/homes/fake-session.ts';

const away = new RoamhomeError({ code: 'server-unreachable', message: 'away', remedy: 'wait' });
const noZfs = new RoamhomeError({ code: 'zfs-not-installed', message: 'no zfs', remedy: 'install' });
const busy = new RoamhomeError({ code: 'dataset-busy', message: 'busy', remedy: 'wait' });

/** The home's owner is looked up in the real file system: there is none here, and that is a problem of its own. */
const expected = ['ENOENT'];
const others = (problems: readonly Error[]): readonly string[] =>
  codes(problems).filter((code) => !expected.includes(code));

describe('a logout', () => {
  test('invariant 1: what was in the home is in a snapshot before any network is touched', async () => {
    const { session, journal } = fakeSession({
      local: '@a:1 *',
      server: '@a:1',
      mounted: true,
      failures: { 'server: connect': away },
    });
    const report = await logout(session);
    const order = [
      'end processes',
      'this Mac: zfs unmount data/profiles/alice',
      'this Mac: zfs snapshot data/profiles/alice@roamhome-20261120T064500.123Z-mac7',
      'server: connect',
      'unlock',
    ];
    expect(order.map((line) => journal.indexOf(line))).not.toContain(-1);
    expect(journal.filter((line) => order.includes(line) && line !== order[1])).toEqual(
      order.filter((line) => line !== order[1]),
    );
    expect(journal.indexOf(order[1]!)).toBeLessThan(journal.indexOf(order[2]!));
    expect(report.snapshot).toBe('roamhome-20261120T064500.123Z-mac7');
    expect(codes(report.problems)).toEqual(['server-unreachable']);
    expect(summarise(report, 'logout')).toBe(
      'logout of alice: not synced, pending, nothing is lost, 1 problem',
    );
  });

  test('takes no snapshot of a home that was only mounted', async () => {
    const { session, journal } = fakeSession({ local: '@a:1 +', server: '@a:1', mounted: true });
    const report = await logout(session);
    expect(journal.filter((line) => line.includes('snapshot'))).toEqual([]);
    expect(report).toMatchObject({ snapshot: null, sync: { wasEqual: true }, problems: [] });
  });

  test('snapshots a home that stays busy as it is', async () => {
    const { session, journal } = fakeSession({
      local: '@a:1',
      server: '@a:1',
      mounted: true,
      failures: { 'this Mac: zfs unmount': busy, 'server: connect': away },
    });
    const report = await logout(session);
    expect(journal).toContain('this Mac: zfs unmount -f data/profiles/alice');
    expect(journal.filter((line) => line.startsWith('this Mac: zfs snapshot'))).toHaveLength(1);
    expect(report).toMatchObject({ mounted: true });
    expect(codes(report.problems)).toEqual(['home-busy', 'server-unreachable']);
    expect(summarise(report, 'logout')).toBe(
      'logout of alice: not synced, home still mounted, pending, nothing is lost, 2 problems',
    );
  });

  test('says that there was no home to send', async () => {
    const { session, journal } = fakeSession({ local: null, server: '@a:1' });
    const report = await logout(session);
    expect(codes(report.problems)).toEqual(['home-missing']);
    expect(journal).not.toContain('server: connect');
  });

  test('goes on when processes cannot be ended', async () => {
    const { session, journal } = fakeSession({
      local: '@a:1',
      server: '@a:1',
      failures: { 'end processes': new Error('no') },
    });
    expect((await logout(session)).sync).not.toBeNull();
    expect(journal).toContain('server: connect');
  });
});

describe('a login', () => {
  const failing: readonly (readonly [string, FakeOptions, string])[] = [
    ['the server is away', { local: '@a:1', failures: { 'server: connect': away } }, 'server-unreachable'],
    [
      "the server's list fails",
      { local: '@a:1', server: '@a:1', failures: { 'server: list': busy } },
      'dataset-busy',
    ],
    ['the lock is taken', { local: '@a:1', failures: { 'lock for login': busy } }, 'dataset-busy'],
    [
      'the home is in use',
      { local: '@a:1', server: '@a:1', mounted: true, failures: { 'this Mac: zfs unmount': busy } },
      'home-busy',
    ],
  ];

  test.each(failing)('invariant 6: is not refused when %s', async (_what, options, code) => {
    const { session, journal } = fakeSession(options);
    const report = await login(session);
    expect(others(report.problems)).toContain(code);
    expect(report.sync).toBeNull();
    // One that is in use is mounted, and what is in it is kept before anybody goes on in it.
    const wanted =
      options.mounted === true
        ? 'this Mac: zfs snapshot data/profiles/alice@roamhome-20261120T064500.123Z-mac7'
        : 'this Mac: zfs mount data/profiles/alice';
    expect(journal).toContain(wanted);
    expect(report.mounted).toBe(true);
    expect(journal.filter((line) => /send|receive|destroy|rollback/.test(line))).toEqual([]);
  });

  const replay = 'this Mac: zfs mount -o ro,nosuid,nodev data/profiles/alice';
  const mount = 'this Mac: zfs mount data/profiles/alice';

  test('secures what a crash left: replays the log, and looks at the home only then', async () => {
    const { session, journal } = fakeSession({
      local: '@a:1 *',
      server: '@a:1',
      failures: { 'server: connect': away },
    });
    const report = await login(session);
    expect(report.snapshot).toBe('roamhome-20261120T064500.123Z-mac7');
    expect(journal.indexOf(replay)).toBeLessThan(journal.lastIndexOf('this Mac: list'));
    expect(journal.indexOf(replay)).toBeGreaterThan(-1);
  });

  test.each<[string, FakeOptions]>([
    ['both sides are equal', { local: '@a:1', server: '@a:1' }],
    ['the server is away', { local: '@a:1', failures: { 'server: connect': away } }],
  ])('leaves the log to the mount that ends it where %s', async (_what, options) => {
    const { session, journal } = fakeSession(options);
    await login(session);
    expect(journal).not.toContain(replay);
    expect(journal).toContain(mount);
  });

  test.each<[string, string | null]>([
    ['received over', '@a:1 @b:2'],
    ['left by a line', '@b:2'],
    ['sent', null],
  ])('replays the log of a home before that home is %s', async (_what, server) => {
    const { session, journal } = fakeSession({ local: '@a:1', server });
    const onProgress: typeof session.onProgress = ({ kind }) => {
      if (kind === 'planned') journal.push(kind);
    };
    await login({ ...session, onProgress });
    expect(journal).toContain(replay);
    // The fake carries no stream: what was planned is where the home would change.
    const [mounted, unmounted] = [replay, 'this Mac: zfs unmount data/profiles/alice'].map((line) =>
      journal.indexOf(line),
    );
    expect(unmounted).toBeGreaterThan(mounted ?? Infinity);
    expect(journal.indexOf('planned')).toBeGreaterThan(unmounted ?? Infinity);
  });

  test('takes rights from the files of a home that an older version made, once, and by the command that is run anyway', async () => {
    const { session, journal } = fakeSession({
      local: '@a:1',
      server: '@a:1',
      properties: { setuid: 'on', devices: 'on', mountpoint: '/elsewhere' },
    });
    await login(session);
    expect(journal.filter((line) => line.startsWith('this Mac: zfs set'))).toEqual([
      'this Mac: zfs set setuid=off devices=off mountpoint=/nonexistent/roamhome/alice data/profiles/alice',
    ]);
  });

  test('sets nothing on a home that is as it should be', async () => {
    const { session, journal } = fakeSession({
      local: '@a:1',
      server: '@a:1',
      properties: { mountpoint: '/nonexistent/roamhome/alice' },
    });
    await login(session);
    expect(journal.filter((line) => line.startsWith('this Mac: zfs set'))).toEqual([]);
  });

  test.each([
    // The pool itself puts its root before what is set.
    [
      'a pool with another root and a place below it',
      '/nonexistent',
      '/nonexistent/nonexistent/roamhome/alice',
    ],
    ['a place that only ends alike', undefined, '/srv/nonexistent/roamhome/alice'],
  ])(
    'sets the mountpoint so that the home is mounted at its place: %s',
    async (_what, altroot, mountpoint) => {
      const { session, journal } = fakeSession({
        ...{ local: '@a:1', server: '@a:1', properties: { mountpoint } },
        ...(altroot === undefined ? {} : { altroot }),
      });
      await login(session);
      const place = altroot === undefined ? '/nonexistent/roamhome/alice' : '/roamhome/alice';
      expect(journal).toContain(`this Mac: zfs set mountpoint=${place} data/profiles/alice`);
    },
  );

  test('mounts nothing where the pool’s root keeps the home from its place, and sets nothing again and again', async () => {
    const { session, journal } = fakeSession({
      ...{ local: '@a:1', server: '@a:1', altroot: '/mnt' },
      properties: { mountpoint: '/mnt/nonexistent/roamhome/alice' },
    });
    const report = await login(session);
    expect(report).toMatchObject({ mounted: false });
    expect(report.problems).toMatchObject([
      {
        code: 'pool-not-imported',
        message: expect.stringContaining('altroot=/mnt') as string,
        commands: ['zpool export data', 'zpool import data'],
      },
    ]);
    expect(journal.filter((line) => line.startsWith('this Mac: zfs set'))).toEqual([]);
  });

  test('lets the user save where a home has readonly=on, and says so', async () => {
    const { session, journal } = fakeSession({
      ...{ local: '@a:1', server: '@a:1' },
      properties: { mountpoint: '/nonexistent/roamhome/alice', readonly: 'on' },
    });
    const report = await login(session);
    expect(journal.indexOf('this Mac: zfs set readonly=off data/profiles/alice')).toBeGreaterThan(-1);
    expect(journal.indexOf('this Mac: zfs set readonly=off data/profiles/alice')).toBeLessThan(
      journal.indexOf(mount),
    );
    expect(report.warnings).toEqual([expect.stringMatching(/^data\/profiles\/alice had readonly=on/)]);
  });

  test.each([
    [['draft', 'photos'], [expect.stringMatching(/ held 2 entries .* still there, below it: unmount/)]],
    [[], []],
  ])(
    'tells what it hides below the home, and says nothing where it hides nothing: %j',
    async (files, told) => {
      const mountpoint = mkdtempSync(join(tmpdir(), 'roamhome-home-'));
      onTestFinished(() => {
        rmSync(mountpoint, { recursive: true });
      });
      for (const file of files) writeFileSync(join(mountpoint, file), '');
      const { session } = fakeSession({ local: '@a:1', server: '@a:1', properties: { mountpoint } });
      const report = await login({ ...session, mountpoint });
      expect(report).toMatchObject({ mounted: true, warnings: told });
    },
  );

  test('connects at once for a user who has roamed on this Mac before', async () => {
    const { session, journal } = fakeSession({ local: '@a:1', server: '@a:1', roamedHere: true });
    await login(session);
    expect(journal[0]).toBe('server: connect');
  });

  test('says that there is no home when there is none on either side', async () => {
    const { session } = fakeSession({ local: null, server: null });
    const report = await login(session);
    expect(others(report.problems)).toContain('home-missing');
    expect(report.mounted).toBe(false);
    expect(summarise(report, 'login')).toContain('home NOT mounted');
  });

  test.each([true, false])(
    'without zfs tells whether the home is mounted all the same: %s',
    async (mounted) => {
      const { session } = fakeSession({ local: '@a:1', server: '@a:1', failures: { 'this Mac: ': noZfs } });
      const isMountpoint = () => Promise.resolve(mounted);
      const report = await login({ ...session, mountpoints: { ...session.mountpoints, isMountpoint } });
      expect(others(report.problems)).toContain('zfs-not-installed');
      expect(report.mounted).toBe(mounted);
      expect(summarise(report, 'login')).toContain(mounted ? 'home mounted' : 'home NOT mounted');
    },
  );

  test('waits for the pool, with a bound, and says so', async () => {
    const { session } = fakeSession({ local: null, server: null, failures: { pool: busy } });
    expect(others((await login(session)).problems)).toContain('pool-not-imported');
  });
});

describe('a wrong setting that sending depends on', () => {
  const held = new RoamhomeError({ code: 'config-invalid', message: 'wrong', remedy: 'correct it' });

  test('keeps a logout from sending by it: the work is in a snapshot, and waits with a note', async () => {
    const pending = new Map<string, string>();
    const { session, journal } = fakeSession({ local: '@a:1 *', server: '@a:1', mounted: true, pending });
    const report = await logout({ ...session, held });
    expect(report.snapshot).toBe('roamhome-20261120T064500.123Z-mac7');
    expect(codes(report.problems)).toEqual(['config-invalid']);
    expect(journal.filter((line) => /send|receive/.test(line))).toEqual([]);
    expect([...pending.keys()]).toEqual(['alice']);
  });
});

test.each([login, logout])('%o does nothing for one who is not a member', async (run) => {
  const { session, journal } = fakeSession({ local: '@a:1 *', server: '@a:1', member: false });
  const report = await run(session);
  expect(report.notRoaming).toContain('not a member of zfs_mobile_sync');
  expect(report.problems).toEqual([]);
  expect(journal).toEqual([]);
});
