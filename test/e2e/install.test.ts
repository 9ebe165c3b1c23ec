import { beforeAll, expect, test, vi } from 'vitest';
import { exec, installed, lab, reset, run, sh } from './lab.ts';
import { createHome, login, logout, snapshots } from './roam.ts';

const triggers = [
  'roamhome-checkpoint.timer',
  'roamhome-pending.path',
  'roamhome-pending.timer',
  'roamhome-thin.timer',
];

/** Of Roamhome's units, those that systemd has active: services come and go. */
async function active(host: 'mac-a' | 'server'): Promise<readonly string[]> {
  const text = await run(
    host,
    'systemctl',
    'list-units',
    '--plain',
    '--no-legend',
    '--state=active',
    'roamhome-*',
  );
  return text
    .split('\n')
    .flatMap((line) => /^(\S+\.(?:timer|path)) /.exec(line)?.[1] ?? [])
    .sort();
}
const unitFiles = (host: 'mac-a' | 'server') => sh(host, 'ls /etc/systemd/system | grep ^roamhome- || true');

beforeAll(async () => {
  await reset(installed);
  await createHome('mac-a');
});

test('real systemd takes the units, also over a running service, and lets go of them', async () => {
  expect(await exec('mac-a', ['roamhome', 'install'])).toMatchObject({ code: 0 });
  expect(await active('mac-a')).toEqual(triggers);
  expect(await run('mac-a', 'systemctl', 'is-enabled', ...triggers)).toBe(
    'enabled\n'.repeat(triggers.length),
  );
  expect(await exec('mac-a', ['roamhome', 'install'])).toMatchObject({
    code: 0,
    stdout: 'nothing to do: all is installed already\n',
  });
  expect(await exec('mac-a', ['roamhome', 'install', '--set', 'jobs.thinAt=05:06'])).toMatchObject({
    code: 0,
  });
  expect(await run('mac-a', 'systemctl', 'cat', 'roamhome-thin.timer')).toContain('*-*-* 5:06:00');
  expect(await active('mac-a')).toEqual(triggers);
});

test('a home that could not be sent is sent once something happens in the spool', async () => {
  await lab('net', 'mac-a', 'cut');
  expect((await logout('mac-a')).report.summary).toContain('pending');
  await lab('net', 'mac-a', 'clear');
  await run('mac-a', 'touch', '/var/lib/roamhome/pending/.looked-at');
  await vi.waitFor(
    async () => {
      expect(await snapshots('server')).toEqual(await snapshots('mac-a'));
    },
    { timeout: 600_000, interval: 1000 },
  );
  await vi.waitFor(
    async () => {
      expect(await sh('mac-a', 'ls /var/lib/roamhome/pending')).toBe('');
    },
    { timeout: 300_000, interval: 1000 },
  );
  expect((await login('mac-a')).code).toBe(0);
});

test('each service runs to its end', async () => {
  for (const job of ['thin', 'pending', 'checkpoint'])
    await run('mac-a', 'systemctl', 'start', `roamhome-${job}.service`);
  expect(
    await run('mac-a', 'systemctl', 'list-units', '--plain', '--no-legend', '--failed', 'roamhome-*'),
  ).toBe('');
});

test('uninstalling leaves no unit, and the home as it is', async () => {
  const before = await snapshots('mac-a');
  expect(await exec('mac-a', ['roamhome', 'uninstall'])).toMatchObject({ code: 0 });
  expect(await active('mac-a')).toEqual([]);
  expect(await unitFiles('mac-a')).toBe('');
  expect(await snapshots('mac-a')).toEqual(before);
  expect(await run('mac-a', 'cat', '/Users/alice/greeting')).toBe('hello\n');
});
