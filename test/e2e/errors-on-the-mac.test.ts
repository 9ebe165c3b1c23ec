import { beforeAll, beforeEach, expect, test } from 'vitest';
import { exec, lab, reset, run, sh } from './lab.ts';
import { bothSides, greeting, loggedIn, saveLoggedIn } from './logged-in.ts';
import { containing, like, someText } from './matchers.ts';
import { login, logout, markServer, serverSaw, snapshots } from './roam.ts';
import { settings } from './situations.ts';
import { sideOf, withoutRecord } from './unchanged.ts';

beforeAll(saveLoggedIn);

beforeEach(async () => {
  await reset(loggedIn);
});

test('without the right to send: says so, mounts nothing, and gets the home once it is given', async () => {
  await sh('server', 'zfs unallow -u zfs_mobile_sync send data/profiles');
  const before = [await sideOf('mac-b'), await sideOf('server')];
  const refused = await login('mac-b');
  expect(refused).toMatchObject({ code: 77, report: { mounted: false, sync: null } });
  expect(refused.report.problems).toMatchObject([
    {
      code: 'permission-denied',
      message: like(/^zfs send on server failed .*data\/profiles\/alice@/),
    },
    { code: 'home-missing', message: 'alice has no home on this Mac yet' },
  ]);
  expect([await sideOf('mac-b'), await sideOf('server')]).toEqual(before);
  await sh('server', 'zfs allow -u zfs_mobile_sync send data/profiles');
  expect(await login('mac-b')).toMatchObject({ code: 0, report: { mounted: true, problems: [] } });
  expect(await run('mac-b', 'cat', greeting)).toBe('hello\n');
});

test('with the server away, or with the wrong root: says what is missing, and changes nothing', async () => {
  const before = await sideOf('mac-b');
  const wrongRoot = await login('mac-b', 'alice', ...settings('server.root=data/nope'));
  expect(wrongRoot).toMatchObject({ code: 66, report: { mounted: false } });
  expect(wrongRoot.report.problems[0]).toMatchObject({
    code: 'home-missing',
    message: 'there is no home data/profiles/alice: the server has no data/nope/alice either',
    remedy: containing('roamhome config show'),
  });
  await lab('net', 'mac-b', 'cut');
  const away = await login('mac-b', 'alice', ...settings('limits.connectSeconds=2'));
  expect(away).toMatchObject({ code: 69, report: { mounted: false } });
  expect(away.report.problems).toMatchObject([
    { code: 'server-unreachable' },
    {
      code: 'home-missing',
      message: 'alice has no home on this Mac yet, and the server cannot be asked for it',
    },
  ]);
  expect(await sideOf('mac-b')).toEqual(before);
});

test("with a full pool: says so, keeps the server's as it is, and gets the home once there is room", async () => {
  await sh('mac-a', 'head -c 16M /dev/urandom >/Users/alice/bulk');
  expect(await logout('mac-a')).toMatchObject({ code: 0 });
  const server = await sideOf('server');
  await sh(
    'mac-b',
    'zfs create -o mountpoint=none -o refreservation=$(($(zfs get -Hpo value available data) - 6000000)) data/ballast',
  );
  const full = await login('mac-b');
  expect(full).toMatchObject({ code: 74, report: { mounted: false } });
  expect(full.report.problems).toMatchObject([
    {
      code: 'no-space',
      message: like(/^zfs receive data\/profiles\/alice on this machine failed .*out of space$/),
    },
    { code: 'home-missing' },
  ]);
  expect(await sideOf('server')).toEqual(server);
  await sh('mac-b', 'zfs set refreservation=none data/ballast');
  expect(await login('mac-b')).toMatchObject({ code: 0, report: { mounted: true, problems: [] } });
  // A Mac that had nothing gets the newest one.
  expect(await snapshots('mac-b')).toEqual((await snapshots('server')).slice(-1));
});

test('zfs is not installed: nothing is done, and all is well once it is', async () => {
  await sh('mac-a', `echo new >${greeting}; zpool sync; mv /usr/sbin/zfs /usr/sbin/zfs.aside`);
  const server = await sideOf('server');
  const out = await logout('mac-a');
  // That there is no snapshot is said before why.
  const [loudest, ...whys] = out.report.problems;
  expect(out).toMatchObject({
    code: 73,
    report: { snapshot: null, sync: null, mounted: true, pending: true },
  });
  expect(loudest).toMatchObject({
    code: 'no-snapshot',
    message: containing('NO snapshot of data/profiles/alice'),
  });
  const into = await login('mac-a');
  expect(into).toMatchObject({ code: 71, report: { snapshot: null, sync: null } });
  for (const outcome of [{ report: { problems: whys } }, into]) {
    expect(outcome.report.problems).not.toEqual([]);
    for (const problem of outcome.report.problems) {
      expect(problem).toMatchObject({
        code: 'zfs-not-installed',
        message: like(/^zfs is not in any of .*\/usr\/sbin/),
        remedy: like(/Install OpenZFS/),
      });
    }
  }
  expect(await run('mac-a', 'cat', greeting)).toBe('new\n');
  expect(withoutRecord(await sideOf('server'))).toEqual(withoutRecord(server));
  await sh('mac-a', 'mv /usr/sbin/zfs.aside /usr/sbin/zfs');
  expect(await logout('mac-a')).toMatchObject({ code: 0, report: { problems: [] } });
  expect(await snapshots('server')).toEqual(await snapshots('mac-a'));
});

test('the root of the homes is not there: waits for the pool as long as it is set to, then says so', async () => {
  const before = [await sideOf('mac-b'), await sideOf('server')];
  const started = Date.now();
  const outcome = await login(
    'mac-b',
    'alice',
    ...settings('local.root=data/nope', 'limits.poolWaitSeconds=2'),
  );
  expect(Date.now() - started).toBeGreaterThan(2000);
  expect(outcome).toMatchObject({ code: 69, report: { mounted: false, sync: null } });
  expect(outcome.report.problems[0]).toMatchObject({
    code: 'pool-not-imported',
    message: 'data/nope was not there within 2 s',
    remedy: like(/zpool import/),
  });
  expect([await sideOf('mac-b'), await sideOf('server')]).toEqual(before);
});

test('users: unknown, not in the group, or with a name that is none: nothing is run anywhere', async () => {
  const before = await bothSides();
  const mark = await markServer();
  expect(await login('mac-a', 'nosuch')).toMatchObject({
    code: 67,
    report: {
      problems: [{ code: 'user-unknown', message: containing('nosuch'), remedy: someText }],
    },
  });
  for (const outcome of [await login('mac-a', 'carol'), await logout('mac-a', 'carol')]) {
    expect(outcome).toMatchObject({ code: 0, report: { problems: [], snapshot: null, sync: null } });
    expect(outcome.report.notRoaming).toMatch(/not a member of zfs_mobile_sync/);
  }
  for (const words of [
    ['login', 'alice;reboot'],
    ['logout', '../x'],
    ['login', '-r'],
    ['logout', '--', '-r'],
    ['login', 'a b'],
    ['logout', ''],
    ['login', '--', '$(id)/../bob'],
  ]) {
    const ran = await exec('mac-a', ['roamhome', ...words]);
    expect({ words, code: ran.code, stdout: ran.stdout }).toEqual({ words, code: 64, stdout: '' });
    expect(ran.stderr).toMatch(/^roamhome: .+\n {2}what to do: .+\n$/);
  }
  expect(await serverSaw(mark)).toEqual({ commands: [], connections: 0 });
  expect(await bothSides()).toEqual(before);
});

test('two logouts at once: one after the other, or one is told who is at it', async () => {
  const before = await snapshots('server');
  await sh('mac-a', `echo new >${greeting}`);
  const [first, second] = await Promise.all([logout('mac-a'), logout('mac-a')]);
  expect([first.code, second.code]).toEqual([0, 0]);
  // A snapshot waits for no lock: each may have found the home mounted, and then made its own.
  expect([first.report.secured, second.report.secured]).toEqual([true, true]);
  expect(
    [first.report.snapshot, second.report.snapshot].filter((snapshot) => snapshot !== null),
  ).not.toHaveLength(0);
  // Of two made at the same time one may go without the other: each run sends what it listed and what it made itself.
  const arrived = await snapshots('server');
  const made = await snapshots('mac-a');
  expect(made.filter((snapshot) => arrived.includes(snapshot))).toEqual(arrived);
  expect(arrived.length).toBeGreaterThan(before.length);
  // What was in the home at logout is there, whichever carried it.
  expect(await login('mac-b')).toMatchObject({ code: 0, report: { mounted: true, problems: [] } });
  expect(await run('mac-b', 'cat', greeting)).toBe('new\n');
  expect(await logout('mac-b')).toMatchObject({ code: 0, report: { pending: false } });

  // One that hangs in the network, and one that does not wait.
  await login('mac-a');
  await lab('net', 'mac-a', 'cut');
  const slow = logout('mac-a', 'alice', ...settings('limits.connectSeconds=25'));
  await sh('mac-a', 'until ls /var/run/roamhome/locks/alice/* >/run/held 2>/dev/null; do sleep 0.1; done');
  const impatient = await logout('mac-a', 'alice', ...settings('limits.lockWaitSeconds=0'));
  // It may have found the home mounted still: then it has snapshotted it, without the lock.
  expect(impatient).toMatchObject({ code: 75, report: { sync: null, secured: true } });
  const pid = /\/(\d+)-/.exec(await run('mac-a', 'cat', '/run/held'))?.[1] ?? 'none';
  expect(impatient.report.problems).toMatchObject([
    {
      code: 'locked',
      message: containing(`process ${pid} (logout`),
      remedy: someText,
      retryable: true,
    },
  ]);
  expect(await slow).toMatchObject({ code: 69 });
  expect((await sideOf('mac-a')).locks).toEqual([]);
});
