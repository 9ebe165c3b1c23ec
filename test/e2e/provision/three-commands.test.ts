import { beforeAll, expect, test } from 'vitest';
import { exec, installed, reset, run, sh, type LabHost } from '../lab.ts';
import { login, logout, snapshots } from '../roam.ts';
import { makeServerBare } from './bare-server.ts';
import { directorySettings, lookUpInDirectory, startDirectory } from './ldap-in-the-lab.ts';

const macs = ['mac-a', 'mac-b'] as const;
const nothing = 'nothing to do: all is so already';

/** A pool, and the program. Its admin has the key that it had; the users are those of the directory. */
async function makeMacBare(mac: LabHost): Promise<void> {
  await sh(
    mac,
    `install -d -m 700 /root/.ssh
     cp /etc/roamhome/id_ed25519 /etc/roamhome/known_hosts /root/.ssh/
     zfs destroy -r data/profiles
     rm -rf /etc/roamhome
     groupmod -n gone zfs_mobile_sync`,
  );
  await lookUpInDirectory(mac);
}

const roamhome = (host: LabHost, ...words: readonly string[]) => exec(host, ['roamhome', ...words]);
const user = (...words: readonly string[]) =>
  roamhome(
    'server',
    ...['provision', 'user', ...words, '--ldap'],
    ...Object.entries(directorySettings).flatMap(([key, value]) => ['--set', `directory.${key}=${value}`]),
  );

let fingerprint = '';
const client = (mac: LabHost) =>
  roamhome(
    mac,
    ...['provision', 'client', '--server', 'server', '--fingerprint', fingerprint],
    ...['--server-admin', 'admin@server', '--set', 'local.homeBase=/Users'],
  );

beforeAll(async () => {
  await reset(installed);
  await makeServerBare();
  await startDirectory();
  await Promise.all(macs.map(makeMacBare));
  const shown = await run('server', 'ssh-keygen', '-lf', '/etc/ssh/ssh_host_ed25519_key.pub');
  fingerprint = shown.split(' ')[1] ?? '';
});

test('three commands, and each again changes nothing and says so', async () => {
  const commands = [
    () => roamhome('server', 'provision', 'server'),
    ...macs.map((mac) => () => client(mac)),
    () => user('add', 'zoe', '--prepare-directory', '--quota', '1G'),
  ];
  for (const command of commands) {
    const done = await command();
    expect(done.code, done.stdout + done.stderr).toBe(0);
    expect(done.stdout).not.toContain(nothing);
  }
  for (const command of commands) {
    const again = await command();
    expect(again.code, again.stderr).toBe(0);
    expect(again.stdout.split('\n')[0]).toBe(nothing);
  }
});

test('a user who exists only in LDAP logs in on mac-a and then on mac-b with the home carried over', async () => {
  expect(await exec('mac-a', ['grep', 'zoe', '/etc/passwd'])).toMatchObject({ code: 1 });
  expect(await run('mac-a', 'getent', 'passwd', 'zoe')).toMatch(
    /^zoe:[*x]:10000:10000:zoe:\/Users\/zoe:\/bin\/bash\n$/,
  );
  for (const mac of macs) {
    const { code, report } = await login(mac, 'zoe');
    expect({ code, problems: report.problems, mounted: report.mounted }).toEqual({
      ...{ code: 0, problems: [], mounted: true },
    });
    expect(await run(mac, 'stat', '-c', '%U:%G %a', '/Users/zoe')).toBe('zoe:zfs_mobile_sync 700\n');
    await run(mac, 'runuser', '-u', 'zoe', '--', 'sh', '-c', `echo ${mac} >> /Users/zoe/diary`);
    expect(await logout(mac, 'zoe')).toMatchObject({ code: 0, report: { problems: [] } });
  }
  expect(await login('mac-a', 'zoe')).toMatchObject({ code: 0, report: { problems: [] } });
  expect(await run('mac-a', 'cat', '/Users/zoe/diary')).toBe('mac-a\nmac-b\n');
});

test('a user who is logged in is kept; one who is renamed keeps the home on a Mac that follows', async () => {
  expect(await user('remove', 'zoe')).toMatchObject({ code: 75 });
  expect(await logout('mac-a', 'zoe')).toMatchObject({ code: 0 });
  const moved = await user('move', 'zoe', '--to', 'zoe.b');
  expect(moved.code, moved.stderr).toBe(0);
  await run('mac-a', 'zfs', 'rename', '-u', 'data/profiles/zoe', 'data/profiles/zoe.b');
  expect(await login('mac-a', 'zoe.b')).toMatchObject({
    code: 0,
    report: { problems: [], sync: { pulledBytes: 0 } },
  });
  expect(await run('mac-a', 'cat', '/Users/zoe.b/diary')).toBe('mac-a\nmac-b\n');
  expect(await logout('mac-a', 'zoe.b')).toMatchObject({ code: 0 });
});

test('the list says who has what; a user who is removed leaves the home as a conflict, until that is destroyed', async () => {
  const { users: listed } = JSON.parse((await user('list', '--json')).stdout) as {
    readonly users: readonly object[];
  };
  expect(listed).toMatchObject([
    { user: 'zoe.b', uid: 10_000, problems: [], home: { quotaBytes: 1024 ** 3, session: null } },
  ]);
  const kept = await snapshots('server', 'data/profiles/zoe.b');
  expect(await user('remove', 'zoe.b')).toMatchObject({ code: 0 });
  const names = await run('server', 'zfs', 'list', '-H', '-o', 'name', '-d', '1', 'data/profiles-conflicts');
  const aside = names.trim().split('\n').at(-1) ?? '';
  expect(aside).toMatch(/^data\/profiles-conflicts\/zoe\.b-removed-/);
  expect(await snapshots('server', aside)).toEqual(kept);
  expect((await login('mac-b', 'zoe.b')).code).toBe(67);
  expect(await user('remove', 'zoe.b', '--destroy-data', 'zoe.b')).toMatchObject({ code: 0 });
  expect(await exec('server', ['zfs', 'list', aside])).toMatchObject({ code: 1 });
});
