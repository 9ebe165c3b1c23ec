import { beforeAll, describe, expect, test } from 'vitest';
import { exec, installed, put, reset, run, sh } from '../lab.ts';
import { createHome, logout } from '../roam.ts';
import { makeServerBare } from './bare-server.ts';

const account = 'zfs_mobile_sync';
const home = 'data/profiles/user123';

/** As the older scripts' README sets a server up: an account of the users' group, keys without restrict, destroy on each home. */
async function setUpAsBefore(): Promise<void> {
  await makeServerBare();
  await sh(
    'server',
    `useradd -m -g users -s /usr/local/bin/lshell -p '*' ${account}
     install -d -o ${account} -m 700 /home/${account}/.ssh
     install -o ${account} -m 600 /root/mac-keys /home/${account}/.ssh/authorized_keys
     zfs create -o canmount=off data/profiles
     for user in user123 user456; do
       zfs create -o canmount=noauto -o mountpoint=/Users/$user data/profiles/$user
       zfs snapshot data/profiles/$user@2026-11-09-000000
       zfs allow ${account} create,destroy,snapshot,mount,send,receive data/profiles/$user
     done`,
  );
}

const provision = (...words: readonly string[]) => exec('server', ['roamhome', 'provision', ...words]);
const doctor = async () => (await exec('server', ['roamhome', 'doctor', '--server'])).stdout;
/** Each command that is printed as what to do about a check. */
function commandsFor(told: string, check: string): readonly string[] {
  const lines = told.split('\n');
  return lines.flatMap((line, index) =>
    new RegExp(`^(?:critical|warning) +${check} `).test(line)
      ? [...(lines[index + 1] ?? '').matchAll(/`([^`]*)`/g)].map(([, command = '']) => command)
      : [],
  );
}
const asMac = (...words: readonly string[]) =>
  exec('mac-a', [
    ...['ssh', '-o', 'UserKnownHostsFile=/etc/roamhome/known_hosts', '-o', 'BatchMode=yes'],
    ...['-i', '/etc/roamhome/id_ed25519', `${account}@server`, ...words],
  ]);

beforeAll(async () => {
  await reset(installed);
  await setUpAsBefore();
});

describe('from a server of the older scripts', () => {
  test('what is in the way is named at once, and nothing is changed', async () => {
    const before = await run('server', 'zfs', 'allow', home);
    const tried = await provision('server', '--dry-run');
    expect(tried.code, tried.stderr).toBe(73);
    expect(tried.stderr).toContain(`usermod -g ${account} ${account}`);
    expect(await run('server', 'zfs', 'allow', home)).toBe(before);
  });

  test('account and keys are taken over; what a Mac may destroy on homes, and keys without a name, are told', async () => {
    await sh('server', `groupadd ${account} && usermod -g ${account} ${account}`);
    const done = await provision('server');
    expect(done.code, done.stderr).toBe(0);
    expect(done.stdout).toContain('kept to zfs by lshell (lshell is installed: /usr/local/bin/lshell)');
    expect(done.stdout).toContain(`zfs unallow -r -u ${account} destroy,receive data/profiles`);
    expect(done.stdout).toContain('roamhome provision key revoke SHA256:');
    expect(await asMac('zfs', 'version')).toMatchObject({ code: 0 });
  });

  test('what doctor prints is run as it stands: each Mac is let in afterwards, and can destroy nothing', async () => {
    const told = await doctor();
    const commands = [...commandsFor(told, 'delegation'), ...commandsFor(told, 'authorized-keys')];
    expect(commands).toHaveLength(2);
    for (const command of commands) await sh('server', command);
    const cured = await doctor();
    expect([...commandsFor(cured, 'delegation'), ...commandsFor(cured, 'authorized-keys')]).toEqual([]);

    expect(await asMac('zfs', 'version')).toMatchObject({ code: 0 });
    const refused = await asMac('zfs', 'destroy', `${home}@2026-11-09-000000`);
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('permission denied') as string,
    });
    expect(await exec('server', ['zfs', 'list', `${home}@2026-11-09-000000`])).toMatchObject({ code: 0 });
    expect((await provision('server', '--exact')).stdout).not.toContain('take ');
  });

  test('a home goes through it, and an old key is revoked by its fingerprint', async () => {
    await createHome('mac-a');
    const { code, report } = await logout('mac-a');
    expect(code, report.summary).toBe(0);
    const own = (await run('mac-a', 'ssh-keygen', '-lf', '/etc/roamhome/id_ed25519.pub')).split(' ')[1] ?? '';
    const revoked = await provision('key', 'revoke', own);
    expect(revoked.code, revoked.stderr).toBe(0);
    expect(await asMac('zfs', 'version')).toMatchObject({ code: 255 });
    expect((await provision('key', 'list')).stdout).not.toContain(own);
  });

  test('an lshell that finds no zfs is told by doctor, and set right by what it says', async () => {
    await sh('server', `sed -i '/^env_path/d' /etc/lshell.conf; mv /usr/bin/zfs /usr/bin/zfs.away`);
    const told = await doctor();
    expect(told).toMatch(/critical +account .*lshell: command not found: "zfs"/);
    for (const command of commandsFor(told, 'account')) await sh('server', command);
    expect(await doctor()).toMatch(/ok +account /);
  });
});

test('a hook of the older scripts is not called besides ours', async () => {
  await sh('mac-a', 'mkdir -p /root/hooks');
  await put(
    'mac-a',
    '/root/hooks/zfs_send_to_server.sh',
    Buffer.from('#!/bin/sh\ntouch /root/old-ran\n'),
    '755',
  );
  const { stderr } = await exec('mac-a', [
    ...['sh', '-c'],
    'cp -r /usr/local/lib/roamhome/hooks /root/hooks/ours && echo /root/hooks/zfs_send_to_server.sh >/root/hooks/ours/logout-before && /root/hooks/ours/logout-hook nobody-here',
  ]);
  expect(stderr).toContain('zfs_send_to_server.sh is not called');
  expect(await exec('mac-a', ['test', '-e', '/root/old-ran'])).toMatchObject({ code: 1 });
});
