import { beforeAll, beforeEach, expect, test } from 'vitest';
import { exec, installed, lab, put, reset, run, sh, type LabHost } from './lab.ts';
import { like } from './matchers.ts';
import { createHome, describeTree, installOnServer, login, logout, snapshots, type Outcome } from './roam.ts';
import { settings } from './situations.ts';
import { expectSameTree } from './trees.ts';

const home = 'data/profiles/alice';
const keyFile = '/etc/roamhome/keys/alice.key';

beforeAll(async () => {
  await reset(installed);
  await installOnServer();
  for (const mac of ['mac-a', 'mac-b'] as const) {
    await run(mac, 'mkdir', '-p', '-m', '700', '/etc/roamhome/keys');
    await put(mac, keyFile, Buffer.alloc(32, 'roamhome'), '600');
  }
  await lab('save', 'with-keys');
  await createHome('mac-a');
  allWell(await logout('mac-a'));
  allWell(await login('mac-b'));
  allWell(await logout('mac-b'));
  await lab('save', 'both-have-it');
});

beforeEach(async () => {
  await reset('both-have-it');
});

function allWell({ code, report }: Outcome): Outcome['report'] {
  expect({ code, problems: report.problems }).toEqual({ code: 0, problems: [] });
  return report;
}

const names = async (host: LabHost, dataset = home): Promise<readonly string[]> =>
  (await snapshots(host, dataset)).map((line) => line.split(' ')[0] ?? '');

/** The branches on the server. */
async function branches(): Promise<readonly string[]> {
  const text = await run('server', 'zfs', 'list', '-Hro', 'name', '-d', '1', 'data/profiles-conflicts');
  return text.split('\n').filter((line) => line.includes('/alice-'));
}

/** Until a receive into the home is under way on that host. */
async function untilUnderWay(host: LabHost): Promise<void> {
  await sh(
    host,
    `for i in $(seq 600); do
       case "$(zfs get -Hpo value receive_resume_token ${home} 2>/dev/null)" in -|'') sleep 0.2;; *) exit 0;; esac
     done
     exit 1`,
  );
}

/** As a snapshot tool on that host does, once a receive into the home is under way there. */
async function snapshotMeanwhile(host: LabHost, name: string): Promise<void> {
  await untilUnderWay(host);
  await run(host, 'zfs', 'snapshot', `${home}@${name}`);
}

async function write(mac: LabHost, name: string, bytes = 3_000_000): Promise<string> {
  await sh(mac, `head -c ${bytes} /dev/urandom >/Users/alice/${name}; chown 2001:2100 /Users/alice/${name}`);
  return describeTree(mac);
}

/** The server's own job, as if nobody had gone on with a transfer for an hour. */
async function tend(): Promise<string> {
  const now = ['roamhome', 'tend', '--set', 'limits.partialIdleSeconds=60'];
  await run('server', ...now);
  await sh('server', 'sleep 61');
  return run('server', ...now);
}

test('a snapshot that a tool makes on the Mac during a login: the same login brings the home', async () => {
  allWell(await login('mac-a'));
  const left = await write('mac-a', 'new');
  allWell(await logout('mac-a'));
  await lab('net', 'mac-b', 'rate', '3');
  const coming = login('mac-b');
  await snapshotMeanwhile('mac-b', 'zfs-auto-snap_daily-1');
  allWell(await coming);
  expectSameTree(await describeTree('mac-b'), left);
  await lab('net', 'mac-b', 'clear');
  const then = await write('mac-b', 'own', 1000);
  allWell(await logout('mac-b'));
  allWell(await login('mac-a'));
  expectSameTree(await describeTree('mac-a'), then);
});

test('a snapshot that a tool makes on the server during a logout: the work is there at once, and goes on after tending', async () => {
  allWell(await login('mac-a'));
  const left = await write('mac-a', 'new');
  await lab('net', 'mac-a', 'rate', '3');
  const going = logout('mac-a');
  await snapshotMeanwhile('server', 'zfs-auto-snap_daily-1');
  const { report } = await going;
  await lab('net', 'mac-a', 'clear');
  // Not sent onto the home itself: that is pending. The work is on the server all the same.
  expect(report).toMatchObject({ secured: true, pending: true, problems: [{ code: 'server-blocked' }] });
  expect(report.problems[0]?.message).toMatch(
    /@zfs-auto-snap_daily-1 was made there while.*`roamhome tend`.*is on the server too/,
  );
  const [branch] = await branches();
  const head = (await snapshots('mac-a')).at(-1);
  expect((await snapshots('server', branch)).at(-1)).toBe(head);
  expect(await run('server', 'zfs', 'get', '-Ho', 'value', 'roamhome:sendflags', home)).toBe('Lec\n');

  expect(await tend()).toMatch(/1 transfer/);
  allWell(await login('mac-a'));
  allWell(await logout('mac-a'));
  allWell(await login('mac-b'));
  expectSameTree(await describeTree('mac-b'), left);
  await tend();
  expect(await branches()).toEqual([]);
});

const raw = settings('policies.sendFlags=raw', 'local.homeKeyDirectory=/etc/roamhome/keys');

async function makeEncrypted(): Promise<void> {
  await reset('with-keys');
  await sh(
    'mac-a',
    `zfs create -o encryption=on -o keyformat=raw -o keylocation=file://${keyFile} \\
       -o canmount=noauto -o mountpoint=/Users/alice -o atime=off ${home}
     zfs mount ${home}; echo hello >/Users/alice/greeting; chown -R 2001:2100 /Users/alice`,
  );
}

test('a raw home: an empty snapshot on the server is received, or the work goes beside it and the way out is told', async () => {
  await makeEncrypted();
  allWell(await logout('mac-a', 'alice', ...raw));
  // Before the session it comes with the login.
  await run('server', 'zfs', 'snapshot', `${home}@autosnap_1`);
  allWell(await login('mac-a', 'alice', ...raw));
  expect(await names('mac-a')).toContain('autosnap_1');
  await write('mac-a', 'one', 1000);
  allWell(await logout('mac-a', 'alice', ...raw));

  // In the session it stands in the way.
  allWell(await login('mac-a', 'alice', ...raw));
  const left = await write('mac-a', 'two', 1000);
  await run('server', 'zfs', 'snapshot', `${home}@autosnap_2`);
  const { report } = await logout('mac-a', 'alice', ...raw);
  expect(report.problems).toEqual([]);
  expect(report.warnings).toEqual([like(/@autosnap_2 on the server stands in the way/)]);
  const [branch] = await branches();
  expect((await snapshots('server', branch)).at(-1)).toBe((await snapshots('mac-a')).at(-1));
  const [, remedy = 'false'] = /`(zfs destroy [^`]*)`/.exec(report.warnings[0] ?? '') ?? [];
  expect(remedy).toBe(`zfs destroy ${home}@autosnap_2`);
  await sh('server', remedy);
  allWell(await login('mac-a', 'alice', ...raw));
  allWell(await logout('mac-a', 'alice', ...raw));
  allWell(await login('mac-b', 'alice', ...raw));
  expectSameTree(await describeTree('mac-b'), left);
});

test('a raw home: an empty snapshot on a Mac, and a child that did not change, stop no later login', async () => {
  await makeEncrypted();
  await sh('mac-a', `zfs create ${home}/Projects; chown 2001:2100 /Users/alice/Projects`);
  allWell(await logout('mac-a', 'alice', ...raw));
  for (const round of [1, 2]) {
    for (const [mac, other] of [
      ['mac-b', 'mac-a'],
      ['mac-a', 'mac-b'],
    ] as const) {
      allWell(await login(mac, 'alice', ...raw));
      await run(mac, 'zfs', 'snapshot', `${home}/Projects@tool-${round}-${mac}`);
      await sh(mac, `echo ${round} >>/Users/alice/${round === 1 ? 'top' : 'Projects/deep'}`);
      const left = await describeTree(mac);
      allWell(await logout(mac, 'alice', ...raw));
      allWell(await login(other, 'alice', ...raw));
      expectSameTree(await describeTree(other), left);
      allWell(await logout(other, 'alice', ...raw));
    }
  }
});

test('a first raw push that was cut, and another policy since: the home stays raw, and is whole on both sides', async () => {
  await makeEncrypted();
  await write('mac-a', 'big', 4_000_000);
  await lab('net', 'mac-a', 'rate', '3');
  await sh(
    'mac-a',
    `setsid roamhome logout alice ${raw.join(' ')} >/dev/null 2>&1 & echo $! >/run/logout.pid`,
  );
  await untilUnderWay('server');
  await sh('mac-a', 'kill -9 -"$(cat /run/logout.pid)"');
  await lab('net', 'mac-a', 'clear');
  await sh('server', 'sleep 2');
  expect(await run('server', 'zfs', 'get', '-Ho', 'value', 'roamhome:sendflags', home)).toBe('w\n');
  const auto = settings('policies.sendFlags=auto', 'local.homeKeyDirectory=/etc/roamhome/keys');
  allWell(await logout('mac-a', 'alice', ...auto));
  allWell(await login('mac-a', 'alice', ...auto));
  const left = await write('mac-a', 'more', 1000);
  allWell(await logout('mac-a', 'alice', ...auto));
  allWell(await login('mac-b', 'alice', ...auto));
  expectSameTree(await describeTree('mac-b'), left);
});

test('a volume with a snapshot, in a home and among the homes of the server, stops nothing', async () => {
  await sh('mac-a', `zfs create -s -V 16M ${home}/vm; zfs snapshot ${home}/vm@s`);
  await sh('server', 'zfs create -s -V 16M data/profiles/vol; zfs snapshot data/profiles/vol@s');
  allWell(await login('mac-a'));
  const left = await write('mac-a', 'new', 1000);
  expect(allWell(await logout('mac-a')).snapshot).not.toBeNull();
  allWell(await login('mac-b'));
  expectSameTree(await describeTree('mac-b'), left);
  allWell(await logout('mac-b'));
  for (const words of ['status alice', 'thin', 'snapshots alice'])
    expect(await exec('mac-a', ['roamhome', ...words.split(' ')])).toMatchObject({ code: 0 });
  for (const words of ['thin --server', 'tend'])
    expect(await exec('server', ['roamhome', ...words.split(' ')])).toMatchObject({ code: 0 });
  expect((await exec('mac-a', ['roamhome', 'doctor'])).stdout).toContain(`${home}/vm is a volume`);
  expect((await exec('server', ['roamhome', 'doctor', '--server'])).stdout).toContain(
    'data/profiles/vol is a volume',
  );
});

test('a snapshot with a blank in its name reaches the other Mac as part of what follows, and under a plain name', async () => {
  allWell(await login('mac-a'));
  const left = await write('mac-a', 'new', 1000);
  await run('mac-a', 'zfs', 'snapshot', `${home}@after upgrade`);
  allWell(await logout('mac-a'));
  expect((await names('server')).filter((name) => name.includes(' '))).toEqual([]);
  allWell(await login('mac-b'));
  expectSameTree(await describeTree('mac-b'), left);
  const then = await write('mac-b', 'own', 1000);
  allWell(await logout('mac-b'));
  allWell(await login('mac-a'));
  expectSameTree(await describeTree('mac-a'), then);
});

test('one that an older Roamhome has put on the server is gone over', async () => {
  allWell(await login('mac-a'));
  const left = await write('mac-a', 'new', 1000);
  allWell(await logout('mac-a'));
  const newest = (await names('server')).at(-1) ?? 'none';
  // As it was carried there then: under the name that it has on the Mac.
  for (const host of ['server', 'mac-a'] as const)
    await sh(host, `zfs rename ${home}@${newest} "${home}@after upgrade"`);
  allWell(await login('mac-b'));
  expectSameTree(await describeTree('mac-b'), left);
  const then = await write('mac-b', 'own', 1000);
  allWell(await logout('mac-b'));
  allWell(await login('mac-a'));
  expectSameTree(await describeTree('mac-a'), then);
});

test('a dataset with a blank in its name is told and left, and those around it are sent', async () => {
  allWell(await login('mac-a'));
  await sh(
    'mac-a',
    `for each in "my child" zz; do
       zfs create "${home}/$each"; echo deep >"/Users/alice/$each/file"; chown -R 2001:2100 "/Users/alice/$each"
     done`,
  );
  const { report } = await logout('mac-a');
  expect(report.problems).toEqual([
    expect.objectContaining({
      code: 'name-invalid',
      remedy: `Run \`zfs rename '${home}/my child' ${home}/my-child\` on this Mac.`,
    }),
  ]);
  expect(await names('server', `${home}/zz`)).toHaveLength(1);
  await sh('mac-a', `zfs rename '${home}/my child' ${home}/my-child`);
  allWell(await login('mac-a'));
  const left = await describeTree('mac-a');
  allWell(await logout('mac-a'));
  allWell(await login('mac-b'));
  expectSameTree(await describeTree('mac-b'), left);
});
