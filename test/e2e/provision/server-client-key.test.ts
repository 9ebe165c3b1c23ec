import { beforeAll, describe, expect, test } from 'vitest';
import { exec, installed, reset, run, sh, type LabHost } from '../lab.ts';
import { createHome, logout, snapshots } from '../roam.ts';
import { makeServerBare } from './bare-server.ts';

const account = 'zfs_mobile_sync';

/** The Mac keeps its program and, as its admin's own, the key that it had. */
async function makeMacBare(): Promise<void> {
  await sh(
    'mac-a',
    `install -d -m 700 /root/.ssh
     cp /etc/roamhome/id_ed25519 /root/.ssh/id_ed25519
     cp /etc/roamhome/known_hosts /root/.ssh/known_hosts
     zpool destroy data
     rm -rf /etc/roamhome`,
  );
}

const provision = (host: LabHost, ...words: readonly string[]) =>
  exec(host, ['roamhome', 'provision', ...words]);

beforeAll(async () => {
  await reset(installed);
  await Promise.all([makeServerBare(), makeMacBare()]);
});

describe('from a bare server and a bare Mac', () => {
  test('provision server, killed between two changes, goes on; a second run changes nothing', async () => {
    const dry = await provision('server', 'server', '--dry-run');
    expect(dry, dry.stderr).toMatchObject({ code: 0 });
    expect(await run('server', 'zfs', 'list', '-H', '-o', 'name')).toBe('data\n');

    await sh(
      'server',
      `mkfifo /root/said
       roamhome provision server >/root/said 2>&1 & pid=$!
       while read -r line; do case $line in *'make the account'*) kill -9 $pid ;; esac; done </root/said`,
    );
    expect(await exec('server', ['id', account])).toMatchObject({ code: 0 });
    expect(await exec('server', ['test', '-e', '/etc/ssh/sshd_config.d/roamhome.conf'])).toMatchObject({
      code: 1,
    });

    const done = await provision('server', 'server');
    expect(done, done.stderr).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).not.toContain('left for you');
    const again = await provision('server', 'server');
    expect(again.stdout.split('\n')[0], again.stderr).toBe('nothing to do: all is so already');

    expect(await run('server', 'zfs', 'allow', 'data/profiles-conflicts')).toContain(
      `\tuser ${account} bookmark,create,hold,mount,receive:append,send,snapshot,userprop\n`,
    );
    const effective = await run(
      'server',
      '/usr/sbin/sshd',
      '-T',
      '-C',
      `user=${account},host=mac-a,addr=10.98.7.11`,
    );
    for (const line of [
      'permittty no',
      'disableforwarding yes',
      'passwordauthentication no',
      'clientaliveinterval 5',
    ])
      expect(effective.split('\n')).toContain(line);
    expect(await run('server', 'systemctl', 'is-active', 'roamhome-server.timer', 'ssh')).toBe(
      'active\nactive\n',
    );
  });

  test('a disk that a pool was on, and a wrong fingerprint: nothing is changed', async () => {
    const making = ['client', '--server', 'server', '--create-pool', 'data', '--disk', '/dev/vdb'] as const;
    const wrong = await provision('mac-a', ...making, '--fingerprint', `SHA256:${'A'.repeat(43)}`);
    expect(wrong).toMatchObject({ code: 77 });
    expect(wrong.stderr).toContain('shows no host key SHA256:AAA');
    const full = await provision('mac-a', ...making, '--yes');
    expect(full).toMatchObject({ code: 73, stdout: 'nothing was changed\n' });
    expect(full.stderr).toMatch(/no pool is made on \/dev\/vdb: there are data on it/);
    expect(await exec('mac-a', ['ls', '/etc/roamhome'])).not.toMatchObject({ code: 0 });
    const nobody = await provision('mac-a', ...making, '--force');
    expect(nobody.stderr).toContain('no terminal to ask at');
  });

  test('provision client makes the pool, and has its key let in over SSH, with sudo', async () => {
    const fingerprint =
      (await run('server', 'ssh-keygen', '-lf', '/etc/ssh/ssh_host_ed25519_key.pub')).split(' ')[1] ?? '';
    const words = [
      ...['client', '--server', 'server', '--fingerprint', fingerprint, '--server-admin', 'admin@server'],
      ...[
        '--create-pool',
        'data',
        '--disk',
        '/dev/vdb',
        '--force',
        '--yes',
        '--set',
        'local.homeBase=/Users',
      ],
    ];
    const done = await provision('mac-a', ...words);
    expect(done.code, done.stderr).toBe(0);
    expect(done.stdout).not.toContain('left for you');
    const again = await provision('mac-a', ...words);
    expect(again.stdout.split('\n')[0], again.stderr).toBe('nothing to do: all is so already');

    const listed = await provision('mac-a', 'key', 'list', '--host', 'admin@server');
    expect(listed.stdout).toMatch(/^mac-a +ed25519 +\d{4}-\d\d-\d\d +the shell +SHA256:/m);

    await createHome('mac-a');
    const { code, report } = await logout('mac-a');
    expect(code, report.summary).toBe(0);
    expect(await snapshots('server')).toEqual(await snapshots('mac-a'));
  });

  test('the key lets nothing through but zfs', async () => {
    for (const command of ['id', 'sh', 'scp -t /tmp/x', '/usr/lib/openssh/sftp-server', 'zfs list; id']) {
      const tried = await exec('mac-a', [
        'ssh',
        '-o',
        'UserKnownHostsFile=/etc/roamhome/known_hosts',
        '-o',
        'BatchMode=yes',
        '-i',
        '/etc/roamhome/id_ed25519',
        `${account}@server`,
        command,
      ]);
      expect(tried, command).toMatchObject({ code: 1 });
      expect(tried.stderr, command).toContain('lshell: forbidden');
    }
  });

  test('a key that is revoked: its connection ends, and no other is made', async () => {
    await sh(
      'mac-a',
      `nohup ssh -N -o UserKnownHostsFile=/etc/roamhome/known_hosts -o BatchMode=yes -i /etc/roamhome/id_ed25519 ${account}@server >/root/held 2>&1 &`,
    );
    await sh(
      'server',
      `timeout 120 sh -c "until ps -e -o args= | grep -q '^sshd: ${account}$'; do sleep 0.2; done"`,
    );
    const revoked = await provision('mac-a', 'key', 'revoke', 'mac-a', '--host', 'admin@server');
    expect(revoked.stdout, revoked.stderr).toContain('end the connection with SHA256:');
    await sh(
      'server',
      `timeout 120 sh -c "while ps -e -o args= | grep -q '^sshd: ${account}'; do sleep 0.2; done"`,
    );
    await run('mac-a', 'zfs', 'mount', 'data/profiles/alice');
    await sh('mac-a', 'echo more >/Users/alice/more');
    const { report } = await logout('mac-a');
    expect(report.problems.map(({ code }) => code)).toContain('auth-refused');
  });
});
