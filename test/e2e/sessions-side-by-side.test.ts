import { beforeAll, beforeEach, expect, test } from 'vitest';
import { exec, installed, lab, reset, sh, type LabHost } from './lab.ts';
import { createHome, login, logout } from './roam.ts';

/** Alice has been logged in on both Macs, and is nowhere now: all three have the same. */
const everywhere = 'side-by-side-everywhere';
const home = 'data/profiles/alice';

beforeAll(async () => {
  await reset(installed);
  await createHome('mac-a');
  for (const mac of ['mac-a', 'mac-b'] as const) {
    if (mac === 'mac-b') expect((await login(mac)).code).toBe(0);
    expect((await logout(mac)).code).toBe(0);
  }
  await lab('save', everywhere);
});

beforeEach(async () => {
  await reset(everywhere);
});

const outputOf = async (host: LabHost, script: string): Promise<string> =>
  (await exec(host, ['sh', '-c', script])).stdout.trim();
const record = (): Promise<string> => outputOf('server', `zfs get -H -o value roamhome:session ${home}`);
const deny = ['--set', 'policies.loggedInElsewhere=deny'] as const;

test('a setuid file that came with a home gives no rights, also in a home of an older version', async () => {
  await sh('mac-a', `zfs set setuid=on devices=on ${home}`);
  expect((await login('mac-a')).code).toBe(0);
  await sh(
    'mac-a',
    'cp /usr/bin/id /Users/alice/id; chown root:root /Users/alice/id; chmod 4755 /Users/alice/id',
  );
  expect(await outputOf('mac-a', 'runuser -u alice -- /Users/alice/id -u')).toBe('2001');
  expect(await outputOf('mac-a', 'findmnt -no OPTIONS /Users/alice')).toMatch(/nosuid.*nodev|nodev.*nosuid/);
  expect((await logout('mac-a')).code).toBe(0);
  expect((await login('mac-b')).code).toBe(0);
  expect(await outputOf('mac-b', 'stat -c %a /Users/alice/id')).toBe('4755');
  expect(await outputOf('mac-b', 'runuser -u alice -- /Users/alice/id -u')).toBe('2001');
});

test('a logout whose push takes long leaves the record of the Mac that the user has come to meanwhile', async () => {
  expect((await login('mac-a')).code).toBe(0);
  await sh('mac-a', 'head -c 6000000 /dev/urandom >/Users/alice/big');
  await lab('net', 'mac-a', 'rate', '2');
  const leaving = logout('mac-a');
  await new Promise((resolve) => setTimeout(resolve, 12_000));
  expect((await login('mac-b')).report.mounted).toBe(true);
  const { report } = await leaving;
  await lab('net', 'mac-a', 'clear');
  expect(report.warnings).toContainEqual(expect.stringMatching(/logged in on mac-b .* left on the server$/));
  expect(await record()).toMatch(/^mac-b,/);
  expect(await login('mac-a', 'alice', ...deny)).toMatchObject({
    code: 100,
    report: { problems: [{ code: 'logged-in-elsewhere' }] },
  });
});

test('a Mac of another name since is not kept out by its own record', async () => {
  const named = (name: string): readonly string[] => ['--set', `local.macName=${name}`];
  expect((await login('mac-a', 'alice', ...named('A1'))).code).toBe(0);
  expect(await record()).toMatch(/^A1,.*,[0-9a-f]{8}$/);
  await sh('mac-a', `zfs unmount ${home}`);
  expect(await login('mac-a', 'alice', ...named('A2'), ...deny)).toMatchObject({
    code: 0,
    report: { problems: [], warnings: [], mounted: true },
  });
});

test('what is mounted in a home is named with its place, and once it is taken off logins pull again', async () => {
  expect((await login('mac-a')).code).toBe(0);
  await sh('mac-a', 'mkdir /Users/alice/vol; mount --bind /srv /Users/alice/vol; echo x >/Users/alice/f');
  const { report } = await logout('mac-a');
  const busy = report.problems.find(({ code }) => code === 'home-busy');
  expect(busy?.message).toMatch(/\S+ is mounted in it, on \/Users\/alice\/vol$/);
  expect(busy?.remedy).toBe('Unmount that as root: `umount /Users/alice/vol`.');
  expect(report.snapshot).not.toBeNull();
  await sh('mac-a', 'umount /Users/alice/vol');
  expect((await login('mac-b')).code).toBe(0);
  await sh('mac-b', 'echo nb >/Users/alice/nb');
  expect((await logout('mac-b')).code).toBe(0);
  expect((await login('mac-a')).report.problems).toEqual([]);
  expect(await outputOf('mac-a', 'cat /Users/alice/nb')).toBe('nb');
});

test('a home with readonly=on can be written in, and that is said', async () => {
  await sh('mac-a', 'zfs set readonly=on data/profiles');
  const { code, report } = await login('mac-a');
  expect(code).toBe(0);
  expect(report.warnings).toEqual([expect.stringContaining('had readonly=on')]);
  await sh('mac-a', 'touch /Users/alice/x');
});

test('over the quota, the advice is what helps', async () => {
  expect((await login('mac-a')).code).toBe(0);
  await sh('server', `zfs set quota=1M ${home}`);
  await sh('mac-a', 'head -c 3000000 /dev/urandom >/Users/alice/b');
  const { code, report } = await logout('mac-a');
  expect(code).toBe(74);
  expect(report.problems[0]?.remedy).toMatch(/zfs set quota=.*roamhome thin --server/);
  await sh('server', `zfs set quota=none ${home}`);
  expect((await exec('mac-a', ['roamhome', 'push', '--pending'])).code).toBe(0);
});

test('a dataset made below a home while nobody was logged in blocks no login', async () => {
  await sh('mac-a', `zfs create ${home}/zz`);
  expect(await outputOf('mac-a', 'findmnt -no SOURCE /Users/alice/zz')).toBe(`${home}/zz`);
  for (const round of [1, 2]) {
    const { code, report } = await login('mac-a');
    expect({ round, code, problems: report.problems }).toEqual({ round, code: 0, problems: [] });
    expect((await logout('mac-a')).report.mounted).toBe(false);
  }
  // As an older version left it: the home is mounted over it.
  await sh('mac-a', `zfs mount ${home}/zz; zfs mount ${home}`);
  expect((await login('mac-a')).report).toMatchObject({ problems: [], mounted: true });
  expect(await outputOf('mac-a', 'findmnt -no SOURCE /Users/alice/zz')).toBe(`${home}/zz`);
});
