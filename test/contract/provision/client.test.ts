import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { defaultSettings } from '../../../src/cli/provision/default-settings.ts';
import { clientTasks, type ClientSetup } from '../../../src/provision/client/client-tasks.ts';
import { describeChange } from '../../../src/provision/describe-change.ts';
import { parseDatasetName } from '../../../src/zfs/names.ts';
import { bundle } from '../../support/bundle.ts';
import { changesOf, createFakeLinux, killedBefore, type FakeLinux } from './fake-linux.ts';

let program: Awaited<ReturnType<typeof bundle>>;
let fake: FakeLinux;
beforeAll(async () => {
  program = await bundle('simulator/main.ts');
});
afterAll(() => {
  program.remove();
});
beforeEach(() => {
  fake = createBare();
});
afterEach(() => {
  fake.remove();
});

const disk = {
  path: '/dev/sdx',
  type: 'disk',
  size: 8_000_000_000,
  model: 'DISK',
  serial: 'S1',
  fstype: null,
  mountpoint: null,
  ro: false,
};
const lsblk = (device: object) => JSON.stringify({ blockdevices: [{ ...disk, ...device }] });
const hostKey = 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
const fingerprint = 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU';

function createBare(): FakeLinux {
  const bare = createFakeLinux(program.path);
  bare.setState('lsblk', lsblk({}));
  bare.setState('ssh-keyscan', `# server:22 SSH-2.0-OpenSSH_9.2\nserver ssh-ed25519 ${hostKey}\n`);
  return bare;
}

function tasksFor(
  on: FakeLinux,
  more: Partial<ClientSetup> = {},
  confirm = (): Promise<void> => Promise.resolve(),
) {
  const setup: ClientSetup = {
    root: parseDatasetName('data/profiles'),
    pool: { pool: 'data', disk: '/dev/sdx', force: false },
    server: { address: 'server', port: 22 },
    fingerprint: undefined,
    mac: 'mac7',
    group: 'zfs_mobile_sync',
    settings: { 'server.address': 'server', 'server.port': 22, 'local.root': 'data/profiles' },
    defaults: defaultSettings('linux'),
    ...more,
  };
  return clientTasks(on.machine, setup, { confirm, local: ['roamhome'], addKey: null });
}

const bare = [
  'make the directory /etc/roamhome (0755)',
  'write /etc/roamhome/known_hosts',
  'make the pool data on /dev/sdx',
  'make the dataset data/profiles',
  'make the group zfs_mobile_sync',
  'make the key pair /etc/roamhome/id_ed25519',
  'write /etc/roamhome/config.json',
  'set up the jobs with roamhome install',
];

describe.runIf(process.getuid?.() === 0)('provision client', () => {
  test('a bare machine: what a dry run says is what a run does; a second run changes nothing', async () => {
    const shown: string[] = [];
    const confirm = (lines: readonly string[] = []) => Promise.resolve(void shown.push(...lines));
    expect((await changesOf(fake, tasksFor(fake, {}, confirm))).map(describeChange)).toEqual(bare);
    expect(shown).toContain('/dev/sdx: disk, 8.0 GB, DISK, serial S1');
    expect(shown).toContain(`  ${fingerprint} (ssh-ed25519)`);
    expect(fake.state('pool-data')).toBe('');

    const { report, failure } = await fake.run(tasksFor(fake));
    expect(failure).toBeNull();
    const publicKey = readFileSync(fake.at('etc/roamhome/id_ed25519.pub'), 'utf8')
      .split(' ')
      .slice(0, 2)
      .join(' ');
    expect(readFileSync(fake.at('etc/group'), 'utf8')).toMatch(/^zfs_mobile_sync:/m);
    expect(report.left).toEqual([
      'put each user whose home is to roam into the group zfs_mobile_sync: usermod -aG zfs_mobile_sync USER',
      `on the server, as root, unless it was done: roamhome provision key add mac7 '${publicKey}'`,
    ]);
    expect(readFileSync(fake.at('etc/roamhome/known_hosts'), 'utf8')).toBe(`server ssh-ed25519 ${hostKey}\n`);
    expect(JSON.parse(readFileSync(fake.at('etc/roamhome/config.json'), 'utf8'))).toEqual({
      role: 'mac',
      server: { address: 'server' },
    });
    expect(fake.state('calls')).toContain(
      'zpool create -o ashift=12 -O canmount=off -O mountpoint=none -O compression=lz4 -O atime=off -O setuid=off -O devices=off -O acltype=posixacl -O xattr=sa data /dev/sdx\n',
    );
    expect(await fake.zfs.zfs('get', '-H', '-o', 'value', 'acltype,xattr,canmount', 'data/profiles')).toMatch(
      /^posix(acl)?\n(sa|on)\noff\n$/,
    );
    const all = await fake.everything();
    expect(all).toContain('/etc/roamhome/id_ed25519 600 0:0\n');

    const again = await fake.run(tasksFor(fake));
    expect(again.failure).toBeNull();
    expect(again.report.done).toEqual([]);
    expect(await fake.everything()).toBe(all);
  });

  test('killed before each change, the next run ends the same', { timeout: 600_000 }, async () => {
    await fake.run(tasksFor(fake));
    const undisturbed = await fake.everything();
    for (const [at, change] of bare.entries()) {
      const killed = createBare();
      try {
        expect((await killed.run(tasksFor(killed), killedBefore(at))).failure?.message).toBe('killed');
        expect((await killed.run(tasksFor(killed))).failure, change).toBeNull();
        expect(await killed.everything(), `killed before: ${change}`).toBe(undisturbed);
      } finally {
        killed.remove();
      }
    }
  });

  test('the settings that are there stay', async () => {
    mkdirSync(fake.at('etc/roamhome'));
    writeFileSync(
      fake.at('etc/roamhome/config.json'),
      '{ "server": { "address": "old" }, "local": { "homeBase": "/Users" } }',
    );
    await fake.run(tasksFor(fake));
    expect(JSON.parse(readFileSync(fake.at('etc/roamhome/config.json'), 'utf8'))).toEqual({
      role: 'mac',
      server: { address: 'server' },
      local: { homeBase: '/Users' },
    });
  });

  test('a public half that was lost, and a private one that others could read', async () => {
    await fake.run(tasksFor(fake));
    const path = fake.at('etc/roamhome/id_ed25519');
    const before = readFileSync(`${path}.pub`, 'utf8');
    await fake.machine.host.run([
      'sh',
      '-c',
      'rm /etc/roamhome/id_ed25519.pub; chmod 644 /etc/roamhome/id_ed25519; chown 1234 /etc/roamhome/id_ed25519',
    ]);
    expect((await fake.run(tasksFor(fake))).report.done).toEqual(['the key pair of this Mac']);
    expect(readFileSync(`${path}.pub`, 'utf8')).toBe(before);
    expect(await fake.everything()).toContain('/etc/roamhome/id_ed25519 600 0:0\n');
  });

  test.each<[string, (on: FakeLinux) => Partial<ClientSetup>, RegExp]>([
    [
      'a disk with a file system',
      (on) => (on.setState('blkid', 'TYPE=ext4\nLABEL=films\n'), {}),
      /there are data on it: ext4 "films"/,
    ],
    [
      'a disk with a pool’s label',
      (on) => (on.setState('lsblk', lsblk({ fstype: 'zfs_member', label: 'tank' })), {}),
      /there are data on it: zfs_member "tank"/,
    ],
    [
      'a disk with partitions',
      (on) => (
        on.setState('lsblk', lsblk({ children: [{ path: '/dev/sdx1', type: 'part', fstype: 'vfat' }] })),
        {}
      ),
      /data on it: \/dev\/sdx1 \(part\): vfat/,
    ],
    [
      'a disk in use, forced',
      (on) => {
        on.setState(
          'lsblk',
          lsblk({ children: [{ path: '/dev/sdx1', type: 'part', fstype: 'ext4', mountpoint: '/home' }] }),
        );
        return { pool: { pool: 'data', disk: '/dev/sdx', force: true } };
      },
      /it is in use: \/dev\/sdx1 is at \/home/,
    ],
    [
      'a disk that holds a volume group, forced',
      (on) => {
        on.setState(
          'lsblk',
          lsblk({ fstype: 'LVM2_member', children: [{ path: '/dev/mapper/v', type: 'lvm' }] }),
        );
        return { pool: { pool: 'data', disk: '/dev/sdx', force: true } };
      },
      /in use: \/dev\/mapper\/v \(lvm\) uses it/,
    ],
    ['no such disk', (on) => (on.setState('lsblk', ''), {}), /printed what is not understood|is no disk/],
    [
      'a pool of that name on another disk',
      (on) => (on.setState('pool-data', '/dev/sdy1'), {}),
      /has a pool data already, on \/dev\/sdy1/,
    ],
    ['no pool', () => ({ pool: null, root: parseDatasetName('tank/profiles') }), /has no pool tank/],
    [
      'a wrong fingerprint',
      () => ({ fingerprint: `SHA256:${'A'.repeat(43)}` }),
      /shows no host key SHA256:AAA.*, but SHA256:/,
    ],
    ['no answer', (on) => (on.setState('ssh-keyscan', ''), {}), /gets no host key of server, port 22/],
    [
      'another host key known',
      (on) => {
        mkdirSync(on.at('etc/roamhome'));
        writeFileSync(on.at('etc/roamhome/known_hosts'), `server ssh-ed25519 ${hostKey}\n`);
        return { fingerprint: `SHA256:${'A'.repeat(43)}` };
      },
      /knows server by SHA256:/,
    ],
    [
      'settings that are no JSON',
      (on) => {
        mkdirSync(on.at('etc/roamhome'));
        writeFileSync(on.at('etc/roamhome/config.json'), '{');
        return {};
      },
      /is not JSON/,
    ],
    [
      'a key that is none',
      (on) => {
        mkdirSync(on.at('etc/roamhome'));
        writeFileSync(on.at('etc/roamhome/id_ed25519'), 'x');
        return {};
      },
      /is no private key/,
    ],
  ])('%s: said before anything is changed', async (_name, plant, message) => {
    const more = plant(fake);
    const before = await fake.everything();
    await expect(changesOf(fake, tasksFor(fake, more))).rejects.toThrow(message);
    expect(await fake.everything()).toBe(before);
    expect(fake.state('calls')).not.toContain('zpool create');
  });

  test('a person who does not agree', async () => {
    const refuse = () => Promise.reject(new Error('no'));
    await expect(changesOf(fake, tasksFor(fake, {}, refuse))).rejects.toThrow('no');
  });

  test('what is on a disk may go when that is said', async () => {
    fake.setState('blkid', 'TYPE=ext4\n');
    const pool = { pool: 'data', disk: '/dev/sdx', force: true };
    expect((await fake.run(tasksFor(fake, { pool, fingerprint }))).failure).toBeNull();
    expect(fake.state('calls')).toContain('zpool create -f -o');
  });
});
