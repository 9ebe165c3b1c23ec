import { beforeAll, beforeEach, expect, test } from 'vitest';
import { exec, fileOf, installed, lab, put, reset, run, sh } from './lab.ts';
import { createHome, login, logout, snapshots } from './roam.ts';

const home = 'data/profiles/alice';
const state = 'races';
/** Fifty take too long for a run with a limit of time (docs/lab.md). Each kind of command is beside the racer at least once. */
const sessions = Number(process.env['ROAMHOME_RACES'] ?? 6);
/** For so many sessions: milliseconds. */
const longest = 10 * 60_000 + sessions * 2 * 60_000;
const tools = ['swap.mjs', 'swap-when.mjs', 'watch-mounts.py'];

/** Where a dataset of alice's may be mounted: in her home, or where only root gets to. */
const within = ['/Users/alice', '/run/roamhome/conflicts', '/var/run/roamhome/conflicts'];

/** Starts a program of alice's that outlives this; it has no part in her home until it takes one. */
async function asAlice(...argv: readonly string[]): Promise<void> {
  await run(
    'mac-a',
    'sh',
    '-c',
    'cd /; setsid nice -n 5 runuser -u alice -- "$@" >/tmp/alice.log 2>&1 </dev/null &',
    'sh',
    ...argv,
  );
}

/** Notes each mount of alice's that is elsewhere, until the next reset. */
async function watchMounts(): Promise<void> {
  const argv = ['python3', '/opt/roamhome-test/watch-mounts.py', '/root/led', home, ...within];
  await run('mac-a', 'sh', '-c', 'setsid "$@" >/root/watch.log 2>&1 </dev/null &', 'sh', ...argv);
  await sh(
    'mac-a',
    'for i in $(seq 100); do grep -qs watching /root/led && exit; sleep 0.1; done; cat /root/watch.log; exit 1',
  );
}

const led = async (): Promise<string> => run('mac-a', 'cat', '/root/led');
const mountedAt = async (): Promise<string> =>
  sh(
    'mac-a',
    `sed -n 's/^\\(${home.replaceAll('/', '\\/')}[^ ]*\\) \\([^ ]*\\) .*/\\1 \\2/p' /proc/mounts | sort`,
  );
const killAlice = async (): Promise<void> =>
  void (await exec('mac-a', ['sh', '-c', 'pkill -KILL -u alice; sleep 0.2']));

beforeAll(async () => {
  await reset(installed);
  await createHome('mac-a');
  await sh(
    'mac-a',
    `zfs create ${home}/Work; echo mine >/Users/alice/Work/mine; mkdir /Users/alice/Cache /Users/alice/deep /Users/alice/deep/Fresh
     chown -R 2001:2100 /Users/alice; mkdir -p /etc/led; echo system >/etc/led/config; chmod 755 /etc/led
     mkdir -p -m 755 /srv/secret; echo secret >/srv/secret/letter`,
  );
  for (const tool of tools)
    await put('mac-a', `/opt/roamhome-test/${tool}`, await fileOf(`test/e2e/guest/${tool}`));
  expect(await logout('mac-a')).toMatchObject({ code: 0, report: { problems: [] } });
  expect((await exec('mac-a', ['roamhome', 'exclude', 'add', 'alice', 'Cache'])).code).toBe(0);
  expect(await login('mac-a')).toMatchObject({ code: 0, report: { problems: [], warnings: [] } });
  expect(await logout('mac-a')).toMatchObject({ code: 0, report: { problems: [] } });
  await lab('save', state);
});

beforeEach(async () => {
  await reset(state);
  await watchMounts();
});

test('all that belongs in a home is mounted in it, and can be written', async () => {
  expect(await login('mac-a')).toMatchObject({ code: 0, report: { problems: [], warnings: [] } });
  const mounts = await sh('mac-a', `grep '^${home}' /proc/mounts | cut -d' ' -f2,4 | cut -d, -f1-3 | sort`);
  expect(mounts.trim().split('\n')).toEqual([
    '/Users/alice rw,nosuid,nodev',
    '/Users/alice/Cache rw,nosuid,nodev',
    '/Users/alice/Work rw,nosuid,nodev',
  ]);
  await run(
    'mac-a',
    'runuser',
    '-u',
    'alice',
    '--',
    'touch',
    '/Users/alice/a',
    '/Users/alice/Work/b',
    '/Users/alice/Cache/c',
  );
  expect((await led()).trim()).toBe('watching');
});

test('a version from elsewhere, with a link where a dataset belongs and a program and a device of root’s, gives no rights', async () => {
  expect(await login('mac-b')).toMatchObject({ code: 0 });
  await sh(
    'mac-b',
    `ln -s /etc/led /Users/alice/Documents; cp /bin/bash /Users/alice/sh; chmod 4755 /Users/alice/sh
     mknod -m 666 /Users/alice/disk b $(stat -c '0x%t 0x%T' /dev/vda)`,
  );
  expect(await logout('mac-b')).toMatchObject({ code: 0, report: { problems: [] } });
  await sh('server', `zfs create ${home}/Documents; zfs snapshot ${home}/Documents@planted`);
  const { report } = await login('mac-a');
  expect(report).toMatchObject({ mounted: true, problems: [{ code: 'in-the-way' }] });
  expect(report.problems[0]?.message).toBe(
    `${home}/Documents is not mounted at /Users/alice/Documents: "Documents" is no directory`,
  );
  expect(await mountedAt()).toBe(
    `${home} /Users/alice\n${home}/Work /Users/alice/Work\n${home}/roamhome-excluded-a76ce82a974999d8 /Users/alice/Cache\n`,
  );
  expect(
    (await run('mac-a', 'runuser', '-u', 'alice', '--', '/Users/alice/sh', '-p', '-c', 'id -u')).trim(),
  ).toBe('2001');
  expect(
    await exec('mac-a', ['runuser', '-u', 'alice', '--', 'head', '-c', '1', '/Users/alice/disk']),
  ).toMatchObject({
    stderr: expect.stringContaining('Permission denied') as string,
  });
  await run('mac-a', 'runuser', '-u', 'alice', '--', 'touch', '/Users/alice/new');
  expect((await led()).trim()).toBe('watching');
});

test('nothing is copied or mounted in a home in use, whatever its user puts in the way meanwhile', async () => {
  await login('mac-a');
  await sh('server', `zfs set roamhome:excluded=Cache,deep/Fresh ${home}`);
  const place = '/Users/alice/deep/Fresh';
  await asAlice(
    'sh',
    '-c',
    'cd /Users/alice; exec node /opt/roamhome-test/swap-when.mjs "$@"',
    'sh',
    '/roamhome/conflicts/',
    '/srv/secret',
    place,
  );
  await sh(
    'mac-a',
    'for i in $(seq 100); do grep -qs waiting /tmp/alice.log && exit; sleep 0.1; done; exit 1',
  );
  const { report } = await login('mac-a');
  expect(report.warnings.filter((warning) => warning.includes('"deep/Fresh"'))).toHaveLength(1);
  expect(await run('mac-a', 'cat', '/tmp/alice.log')).toBe('waiting\n');
  expect(await exec('mac-a', ['cat', `${place}/letter`])).toMatchObject({ code: 1 });
  expect((await mountedAt()).split('\n')).not.toContain(place);
  expect((await led()).trim()).toBe('watching');
});

/** What this Mac had is set aside, and what the other Mac left is in its place. Its name. */
async function makeConflict(): Promise<string> {
  expect(await login('mac-b')).toMatchObject({ code: 0 });
  await sh('mac-b', 'echo there >/Users/alice/note; chown 2001:2100 /Users/alice/note');
  expect(await logout('mac-b')).toMatchObject({ code: 0 });
  await sh('mac-a', `zfs mount ${home}; echo here >/Users/alice/note; zfs unmount ${home}`);
  expect((await login('mac-a')).code).toBe(10);
  expect((await logout('mac-a')).report.mounted).toBe(false);
  const listed = JSON.parse(await run('mac-a', 'roamhome', 'conflicts', 'list', '--json')) as {
    readonly conflicts: readonly { readonly name: string }[];
  };
  expect(listed.conflicts).toHaveLength(1);
  return listed.conflicts[0]?.name ?? '';
}

test(
  'no mount leads out of a home whose user swaps links and directories all the time',
  { timeout: longest },
  async () => {
    const places = ['Work', 'Cache', 'deep', 'deep/Fresh', 'other'].map((path) => `/Users/alice/${path}`);
    const swap = (): Promise<void> => asAlice('node', '/opt/roamhome-test/swap.mjs', '/etc/led', ...places);
    await sh('server', `zfs set roamhome:excluded=Cache,deep/Fresh ${home}`);
    const first = (await snapshots('mac-a'))[0]?.split(' ')[0] ?? '';
    const conflict = await makeConflict();
    for (let session = 1; session <= sessions; session++) {
      await swap();
      const { report } = await login('mac-a');
      expect(report.mounted, `session ${session}: ${report.summary}`).toBe(true);
      await run('mac-a', 'runuser', '-u', 'alice', '--', 'touch', '/Users/alice/touched');
      if (session % 5 === 1) await exec('mac-a', ['roamhome', 'checkpoint', 'alice']);
      expect((await logout('mac-a')).report.mounted).toBe(false);
      await swap();
      const others = [
        ['diff', 'alice', first],
        ['restore', 'alice', 'greeting', '--at', first, '--local'],
        ['exclude', 'add', 'alice', 'other'],
        ['conflicts', 'diff', conflict],
      ] as const;
      const other = await exec('mac-a', ['roamhome', ...(others[session % others.length] ?? others[0])]);
      // What it can do, it does; what it cannot, it says. It is no bug.
      expect(other.code, other.stderr).not.toBe(70);
      await killAlice();
    }
    expect((await led()).trim()).toBe('watching');
    expect(await run('mac-a', 'ls', '/etc/led')).toBe('config\n');
    // Left alone, all of it is there again.
    await sh(
      'mac-a',
      `zfs mount ${home}; cd /Users/alice; rm -rf Work Cache deep other *.aside; mkdir -p Work Cache deep/Fresh
     chown -R 2001:2100 .; cd /; zfs unmount ${home}`,
    );
    expect((await login('mac-a')).report).toMatchObject({ mounted: true, problems: [] });
    expect(await run('mac-a', 'cat', '/Users/alice/Work/mine')).toBe('mine\n');
  },
);
