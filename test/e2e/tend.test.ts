import { beforeAll, expect, test } from 'vitest';
import { forgeStream } from '../support/forge-stream.ts';
import { exec, put, reset, run, sh } from './lab.ts';
import { loggedIn, saveLoggedIn } from './logged-in.ts';
import { like } from './matchers.ts';
import { installOnServer, login, logout, snapshots } from './roam.ts';
import { serverHasToken, standStill, until } from './stand-still.ts';

const home = 'data/profiles/alice';
const branches = 'data/profiles-conflicts';

interface Tended {
  readonly aborted: readonly string[];
  readonly removed: readonly string[];
  readonly unproven: readonly string[];
  readonly busy: readonly string[];
  readonly problems: readonly object[];
}

const nothing: Tended = { aborted: [], removed: [], unproven: [], busy: [], problems: [] };

/** The server's job, an hour and a bit later. */
async function tendLater(): Promise<Tended> {
  await sh('server', 'date -s "+61 minutes"');
  const ran = await exec('server', ['roamhome', 'tend', '--json']);
  expect(ran.code, `${ran.stdout}${ran.stderr}`).toBe(0);
  const { aborted, removed, unproven, busy, problems } = JSON.parse(ran.stdout) as Tended;
  return { aborted, removed, unproven, busy, problems };
}

/** Time begins anew for a receive of which more has come since: tended until something is done, or cannot be. */
async function tendUntilDone(): Promise<Tended> {
  for (;;) {
    const tended = await tendLater();
    if (Object.values(tended).some((list: readonly unknown[]) => list.length > 0)) return tended;
  }
}

async function branchesOnServer(): Promise<readonly string[]> {
  return (await run('server', 'zfs', 'list', '-Hro', 'name', branches)).split('\n').slice(1, -1);
}

beforeAll(async () => {
  await saveLoggedIn();
  await reset(loggedIn);
  await installOnServer();
});

test('tending leaves a live receive alone, gives an idle one up, and removes a branch once it is merged', async () => {
  expect((await login('mac-b')).report.problems).toEqual([]);
  expect((await logout('mac-b')).report.problems).toEqual([]);
  const leftBehind = exec('mac-b', ['sh', '-c', `set -eu\n${standStill}`]);
  await until(serverHasToken);
  expect(await tendUntilDone()).toEqual({ ...nothing, busy: [home] });
  await sh('mac-b', 'pkill -x sleep');
  expect((await leftBehind).stderr).toContain('Partially received snapshot is saved');

  // What the other Mac left is in the way: alice's work on this one is safe on the server all the same.
  await sh('mac-a', 'echo chapter > /Users/alice/novel');
  const before = await snapshots('server');
  const blocked = await logout('mac-a');
  expect(blocked.report.problems).toMatchObject([
    { code: 'server-blocked', message: like(new RegExp(`${branches}/alice-mac-a`)) },
  ]);
  const [branch = 'none', ...others] = await branchesOnServer();
  expect(others).toEqual([]);
  expect(await snapshots('server')).toEqual(before);
  const work = (await snapshots('mac-a')).at(-1) ?? 'none';
  expect((await snapshots('server', branch)).at(-1)?.split(' ')[1]).toBe(work.split(' ')[1]);

  // The branch is not merged yet.
  expect(await tendUntilDone()).toEqual({ ...nothing, aborted: [home] });
  expect(await serverHasToken()).toBe(false);
  expect(await branchesOnServer()).toEqual([branch]);

  // The next push is a plain one; then nobody needs the branch any more.
  expect((await login('mac-a')).report).toMatchObject({ mounted: true, problems: [] });
  const merged = await snapshots('server');
  expect(merged).toEqual([...before, work]);
  expect(await tendLater()).toEqual({ ...nothing, removed: [branch] });
  expect(await branchesOnServer()).toEqual([]);
  expect(await snapshots('server')).toEqual(merged);
  expect(await tendLater()).toEqual(nothing);
});

test('a branch stays where the home was given its guid and time with another content of the same size, and goes where all is the same', async () => {
  await reset(loggedIn);
  await installOnServer();
  expect((await login('mac-b')).report.problems).toEqual([]);
  await sh('mac-a', 'echo novel >/Users/alice/novel');
  expect((await logout('mac-a')).report.problems).toEqual([]);
  const onServer = (await snapshots('server')).at(-1)?.split(' ')[0] ?? 'none';
  // What mac-b has is a conflict now, and this branch the only copy of it on the server.
  await sh('mac-b', 'head -c 200000 /dev/urandom >/Users/alice/diary');
  await logout('mac-b');
  const [branch = 'none'] = await branchesOnServer();
  const [head = 'none', guid = '0'] = ((await snapshots('server', branch)).at(-1) ?? '').split(' ');

  // As a key makes it: an increment to the home that has the guid and the time of the branch's head, and as many bytes.
  await sh(
    'mac-a',
    `zfs mount ${home} 2>/dev/null || true
     head -c 200000 /dev/urandom >/Users/alice/diary
     zfs snapshot ${home}@${head}
     zfs send -i @${onServer} ${home}@${head} >/root/stream`,
  );
  const stream = Buffer.from(await run('mac-a', 'base64', '/root/stream'), 'base64');
  const creation = BigInt(
    (await run('server', 'zfs', 'get', '-Hpo', 'value', 'creation', `${branch}@${head}`)).trim(),
  );
  await put('server', '/root/stream', forgeStream(stream, { single: { toGuid: BigInt(guid), creation } }));
  await sh('server', `zfs receive -u -s ${home} </root/stream`);
  expect((await snapshots('server')).at(-1)).toBe(`${head} ${guid}`);

  expect(await tendLater()).toEqual({ ...nothing, unproven: [branch] });
  expect(await branchesOnServer()).toEqual([branch]);
  const told = await run('server', 'roamhome', 'tend', '--dry-run');
  expect(told).toContain('holds something else');
  // Nothing that it was compared by is left.
  expect(await run('server', 'zfs', 'list', '-Hro', 'name', 'data/roamhome-removed')).toBe(
    'data/roamhome-removed\n',
  );
  expect(
    await sh('server', 'ls -A /var/run/roamhome/conflicts; grep -c roamhome-removed /proc/mounts || true'),
  ).toBe('0\n');
});
