import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { defaultsFor } from '../../../src/config/defaults.ts';
import { defaultSettings } from '../../../src/cli/provision/default-settings.ts';
import { describeChange } from '../../../src/provision/describe-change.ts';
import { addKeyTask } from '../../../src/provision/key/key-tasks.ts';
import { chooseRestriction } from '../../../src/provision/server/choose-restriction.ts';
import { createLocalHost } from '../../../src/host/local.ts';
import { rootLimitsTask } from '../../../src/provision/server/root-limits.ts';
import { limitsOf } from '../../../src/provision/server/wanted-limits.ts';
import { serverTasks } from '../../../src/provision/server/server-tasks.ts';
import { shellTrial } from '../../../src/provision/server/shell-trial.ts';
import { serverSetup, type Restriction } from '../../../src/provision/server/wanted-server.ts';
import { parseDatasetName } from '../../../src/zfs/names.ts';
import { bundle } from '../../support/bundle.ts';
import { changesOf, createFakeLinux, killedBefore, type FakeLinux } from './fake-linux.ts';

const account = 'zfs_mobile_sync';
let program: Awaited<ReturnType<typeof bundle>>;
let fake: FakeLinux;
beforeAll(async () => {
  program = await bundle('simulator/main.ts');
});
afterAll(() => {
  program.remove();
});
beforeEach(() => {
  fake = createFakeLinux(program.path);
});
afterEach(() => {
  fake.remove();
});

const tasksFor = (
  on: FakeLinux,
  restriction: Restriction = 'lshell',
  isExact = false,
  names: 'macs' | 'linux' | null = 'linux',
) =>
  serverTasks(
    on.machine,
    serverSetup('data', { user: account, group: account, restriction, because: 'x', names }),
    {
      ...{
        isExact,
        defaults: defaultSettings('linux'),
        local: ['roamhome'],
        limits: limitsOf(defaultsFor('linux', 'x').roots),
      },
    },
  );

/** This machine has no gate to stand behind lshell: shell-zfs.test.ts. */
const besidesJudge = (left: readonly string[]) => {
  const others = left.filter((one) => !one.startsWith('lshell alone judges no stream'));
  expect(others.length).toBe(left.length - 1);
  return others;
};

const bare = [
  'make the dataset data/profiles',
  'make the dataset data/profiles-conflicts',
  'set snapshot_limit=1000000 and filesystem_limit=50000 and quota=943719M on data/profiles',
  'set snapshot_limit=1000000 and filesystem_limit=50000 and quota=314573M on data/profiles-conflicts',
  'make the group zfs_mobile_sync',
  'make the account zfs_mobile_sync',
  'make the directory /var/lib/zfs_mobile_sync (0755)',
  'make the directory /var/lib/zfs_mobile_sync/.ssh (0755)',
  'write /var/lib/zfs_mobile_sync/.ssh/authorized_keys',
  'write /etc/lshell.conf',
  'try /usr/local/sbin/lshell as sshd calls it',
  'write /etc/ssh/sshd_config.d/roamhome.conf',
  'have sshd read its configuration',
  'note that sshd has read it',
  'allow zfs_mobile_sync receive:append,create,mount,userprop,bookmark,snapshot,send,hold on data/profiles',
  'allow zfs_mobile_sync receive:append,create,mount,userprop,bookmark,snapshot,send,hold on data/profiles-conflicts',
  'make the directory /etc/roamhome (0755)',
  'write /etc/roamhome/config.json',
  'set up the jobs with roamhome install --server',
];

describe.runIf(process.getuid?.() === 0)('provision server', () => {
  test('a bare machine: what a dry run says is what a run does; a second run changes nothing', async () => {
    const before = await fake.everything();
    expect((await changesOf(fake, tasksFor(fake))).map(describeChange)).toEqual(bare);
    expect(await fake.everything()).toBe(before);

    const done: string[] = [];
    const { report, failure } = await fake.run(tasksFor(fake), async (task, change, signal) => {
      done.push(describeChange(change));
      await killedBefore(-1)(task, change, signal);
    });
    expect(failure).toBeNull();
    expect(besidesJudge(report.left)).toEqual([]);
    expect(done).toEqual(bare);
    const all = await fake.everything();
    expect(all).toContain('/var/lib/zfs_mobile_sync/.ssh/authorized_keys 644 0:0');
    expect(all).toContain('/etc/ssh/sshd_config.d/roamhome.conf 644 0:0');
    expect(fake.state('sshd-has-read')).toContain('Match User zfs_mobile_sync');
    expect(await fake.zfs.zfs('allow', 'data/profiles')).toContain(
      '\tuser zfs_mobile_sync bookmark,create,hold,mount,receive:append,send,snapshot,userprop\n',
    );

    const again = await fake.run(tasksFor(fake));
    expect(again.failure).toBeNull();
    expect(again.report.done).toEqual([]);
    expect(await fake.everything()).toBe(all);
  });

  test('killed before each change, the next run ends the same', { timeout: 600_000 }, async () => {
    await fake.run(tasksFor(fake));
    const undisturbed = await fake.everything();
    for (const [at, change] of bare.entries()) {
      const killed = createFakeLinux(program.path);
      try {
        expect((await killed.run(tasksFor(killed), killedBefore(at))).failure?.message).toBe('killed');
        expect((await killed.run(tasksFor(killed))).failure, change).toBeNull();
        expect(await killed.everything(), `killed before: ${change}`).toBe(undisturbed);
      } finally {
        killed.remove();
      }
    }
  });

  test('the gate: a shell for the forced command, no lshell', async () => {
    rmSync(fake.at('sbin/lshell'));
    expect((await fake.run(tasksFor(fake, 'gate'))).failure).toBeNull();
    expect(readFileSync(fake.at('etc/passwd'), 'utf8')).toMatch(/^zfs_mobile_sync:.*:\/bin\/sh$/m);
  });

  test('one that was set up by hand is taken over: keys stay, and become root’s', async () => {
    await fake.run(tasksFor(fake));
    const keys = fake.at('var/lib/zfs_mobile_sync/.ssh/authorized_keys');
    const line =
      'restrict ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl by hand\n';
    writeFileSync(keys, line);
    await fake.machine.host.run(['chown', '-R', `${account}:`, '/var/lib/zfs_mobile_sync'], {});
    await fake.zfs.zfs('allow', '-u', account, 'destroy,receive', 'data/profiles');

    const { report } = await fake.run(tasksFor(fake));
    expect(report.done).toEqual([
      "root's hold on the home of zfs_mobile_sync",
      "root's hold on the .ssh of zfs_mobile_sync",
      'the keys of zfs_mobile_sync',
    ]);
    expect(readFileSync(keys, 'utf8')).toBe(line);
    expect(statSync(keys).uid).toBe(0);
    expect(besidesJudge(report.left)).toEqual([
      expect.stringMatching(
        /^a key of no Mac by name is still let in \(by hand\); .*: roamhome provision key revoke SHA256:\S+$/,
      ) as string,
      'zfs_mobile_sync may do more on data/profiles than it has to: zfs unallow -u zfs_mobile_sync destroy,receive data/profiles (or run this with --exact)',
    ]);
    expect((await fake.run(tasksFor(fake, 'lshell', true))).report.done).toEqual([
      'what zfs_mobile_sync may do on data/profiles',
    ]);
    expect(await fake.zfs.zfs('allow', 'data/profiles')).not.toContain('destroy');
  });

  test('what older scripts gave on each home is told with one command, which takes it away, and --exact does', async () => {
    await fake.run(tasksFor(fake));
    const homes = ['data/profiles/alice', 'data/profiles/bob'];
    for (const home of homes) {
      await fake.zfs.zfs('create', home);
      await fake.zfs.zfs('allow', '-u', account, 'create,destroy,snapshot,mount,send,receive', home);
    }
    await fake.zfs.zfs('create', 'data/profiles/bob/Music');
    const command = 'zfs unallow -r -u zfs_mobile_sync destroy,receive data/profiles';
    const { report } = await fake.run(tasksFor(fake));
    expect(besidesJudge(report.left)).toEqual([
      `zfs_mobile_sync may do more on ${homes.join(', ')} than it has to, a stolen Mac's key too: ${command} (or run this with --exact)`,
    ]);
    const exact = await changesOf(fake, tasksFor(fake, 'lshell', true));
    expect(exact.map((change) => (change.kind === 'run' ? change.argv.join(' ') : change.kind))).toEqual([
      command,
    ]);
    await fake.run(tasksFor(fake, 'lshell', true));
    for (const home of homes)
      expect(await fake.zfs.zfs('allow', home)).not.toMatch(/destroy|receive(?!:append)/);
    expect(await fake.zfs.zfs('allow', 'data/profiles')).toContain('receive:append');
    expect(besidesJudge((await fake.run(tasksFor(fake))).report.left)).toEqual([]);
  });

  test.each<[string, (on: FakeLinux) => void, RegExp]>([
    ['no pool', () => undefined, /has no pool nopool/],
    [
      'no lshell',
      (on) => {
        rmSync(on.at('sbin/lshell'));
      },
      /lshell is not installed/,
    ],
    [
      'no sshd',
      (on) => {
        rmSync(on.at('etc/ssh/sshd_config'));
      },
      /there is no \/etc\/ssh\/sshd_config/,
    ],
    [
      'an sshd that does not include',
      (on) => {
        writeFileSync(on.at('etc/ssh/sshd_config'), 'UsePAM yes\n');
      },
      /does not include the files/,
    ],
    [
      'an sshd that would not start',
      (on) => {
        writeFileSync(on.at('etc/ssh/sshd_config.d/a.conf'), 'Nonsense yes\n');
      },
      /would not start again/,
    ],
    [
      'an account that is root',
      (on) => {
        writeFileSync(on.at('etc/passwd'), 'zfs_mobile_sync:x:0:0::/root:/bin/sh\n', { flag: 'a' });
      },
      /is root/,
    ],
    [
      'an account of another group',
      (on) => {
        writeFileSync(on.at('etc/group'), 'zfs_mobile_sync:x:2100:\n', { flag: 'a' });
        writeFileSync(on.at('etc/passwd'), 'zfs_mobile_sync:x:2100:100::/home/x:/bin/sh\n', { flag: 'a' });
      },
      /of another main group than zfs_mobile_sync \(gid 100\)/,
    ],
    [
      'a file in place of the home',
      (on) => {
        writeFileSync(on.at('var/lib/zfs_mobile_sync'), '');
      },
      /is no directory/,
    ],
    [
      'a group that is root’s',
      (on) => {
        writeFileSync(on.at('etc/group'), 'zfs_mobile_sync:x:0:\n', { flag: 'a' });
      },
      /is root's group/,
    ],
  ])('%s: said before anything is changed', async (name, plant, message) => {
    plant(fake);
    const before = await fake.everything();
    const setup = serverSetup(name === 'no pool' ? 'nopool' : 'data', {
      user: account,
      group: account,
      ...{ restriction: 'lshell', because: 'x', names: null },
    });
    const run = {
      isExact: false,
      defaults: defaultSettings('linux'),
      local: ['roamhome'] as const,
      limits: limitsOf(defaultsFor('linux', 'x').roots),
    };
    await expect(changesOf(fake, serverTasks(fake.machine, setup, run))).rejects.toThrow(message);
    expect(await fake.everything()).toBe(before);
  });

  test('limits are never below what is there, and those that a person has set stay', async () => {
    await fake.run(tasksFor(fake));
    const limits = 'snapshot_limit,filesystem_limit,quota';
    const read = () => fake.zfs.zfs('get', '-Hpo', 'value', limits, 'data/profiles');
    expect(await read()).toBe(`1000000\n50000\n${943_719 * 2 ** 20}\n`);
    await fake.zfs.zfs('set', 'snapshot_limit=7', 'quota=5M', 'data/profiles');
    expect((await fake.run(tasksFor(fake))).report.done).toEqual([]);
    expect(await read()).toBe(`7\n50000\n${5 * 2 ** 20}\n`);

    // Of the account: refused before a byte is taken.
    const account = createLocalHost({
      ...{ name: 'server', path: [fake.at('zfs/bin'), '/usr/bin', '/bin'] },
      env: { ROAMHOME_SIMULATOR: fake.at('zfs/state'), ROAMHOME_SIMULATOR_USER: 'zfs_mobile_sync' },
    });
    await fake.zfs.zfs('set', 'filesystem_limit=1', 'data/profiles');
    const create = (name: string) => account.run(['zfs', 'create', '-u', `data/profiles/${name}`]);
    expect(await create('alice')).toMatchObject({ exitCode: 0 });
    expect(await create('bob')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('out of space') as string,
    });
    await account.close();

    // Four times what is there, where that is more.
    const wanted = { snapshots: 2, filesystems: 2, quotaPercent: 0.001 };
    await fake.zfs.zfs('set', 'snapshot_limit=none', 'filesystem_limit=none', 'quota=none', 'data/profiles');
    for (const name of ['a', 'b', 'c']) await fake.zfs.zfs('snapshot', `data/profiles/alice@${name}`);
    await fake.run([rootLimitsTask(fake.machine, parseDatasetName('data/profiles'), wanted)]);
    const [snapshots, filesystems, quota] = (await read()).split('\n').map(Number);
    expect([snapshots, filesystems]).toEqual([12, 4]);
    expect(quota).toBeGreaterThan(
      Number(await fake.zfs.zfs('get', '-Hpo', 'value', 'used', 'data/profiles')),
    );
  });

  test('a pool that cannot limit is told, with the command that lets it', async () => {
    fake.setState('filesystem-limits', 'disabled');
    const { report, failure } = await fake.run(tasksFor(fake));
    expect(failure).toBeNull();
    expect(besidesJudge(report.left)).toEqual([
      expect.stringMatching(
        /Run `zpool set feature@filesystem_limits=enabled data`, then run this again$/,
      ) as string,
      expect.stringMatching(/in data\/profiles-conflicts: it lacks/) as string,
    ]);
  });

  test('an sshd that refuses our rules: the old ones stay', async () => {
    await fake.run(tasksFor(fake));
    const path = fake.at('etc/ssh/sshd_config.d/roamhome.conf');
    writeFileSync(path, '# old\n');
    writeFileSync(
      fake.at('sbin/sshd'),
      '#!/bin/sh\n[ "$2" != -f ] || { echo "Bad configuration option" >&2; exit 255; }\n',
      { mode: 0o755 },
    );
    const { failure } = await fake.run(tasksFor(fake));
    expect(failure).toMatchObject({ code: 'state-unusable' });
    expect(failure?.message).toMatch(/left as it was: .* Bad configuration option/);
    expect(readFileSync(path, 'utf8')).toBe('# old\n');
  });

  test('an lshell that lets more through than zfs', async () => {
    writeFileSync(
      fake.at('sbin/lshell'),
      '#!/bin/sh\necho "  --config <file>   : Config file location (default /etc/lshell.conf)"\n',
    );
    const { failure } = await fake.run(tasksFor(fake));
    expect(failure?.message).toMatch(/lshell.conf is left as it was: .* it lets id through/);
  });

  test('a section of before, which lets a client set variables of the shell, is found by the trial and written anew', async () => {
    await fake.run(tasksFor(fake));
    const conf = fake.at('etc/lshell.conf');
    const written = readFileSync(conf, 'utf8');
    const older = "forbidden : [';', '&', '|', '`', '>', '<', '$(', '${']";
    writeFileSync(
      conf,
      written.replace(/^forbidden.*$/m, () => older),
    );
    const trial = shellTrial({ account, home: `/var/lib/${account}` }, ['/usr/local/sbin/lshell']);
    expect(await fake.machine.host.run(trial, {})).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('set variables of the shell') as string,
    });
    expect((await fake.run(tasksFor(fake))).report.done).toEqual([`lshell's section for ${account}`]);
    expect(readFileSync(conf, 'utf8')).toBe(written);
    expect(await fake.machine.host.run(trial, {})).toMatchObject({ exitCode: 0 });
  });

  test('an lshell in a venv gets its section where it reads it, and no file beside it is touched', async () => {
    const venv = fake.at('venv');
    for (const name of ['bin', 'etc']) mkdirSync(`${venv}/${name}`, { recursive: true });
    writeFileSync(`${venv}/pyvenv.cfg`, '');
    renameSync(fake.at('sbin/lshell'), `${venv}/bin/lshell`);
    symlinkSync(`${venv}/bin/lshell`, fake.at('sbin/lshell'));
    expect((await fake.run(tasksFor(fake))).failure).toBeNull();
    expect(readFileSync(`${venv}/etc/lshell.conf`, 'utf8')).toContain(`[${account}]\n`);
    expect(existsSync(fake.at('etc/lshell.conf'))).toBe(false);
    expect((await fake.run(tasksFor(fake))).report.done).toEqual([]);
  });

  test('an lshell that refuses every Mac from one day on: the next run says so, though all is written', async () => {
    await fake.run(tasksFor(fake));
    const lshell = fake.at('sbin/lshell');
    const text = readFileSync(lshell, 'utf8');
    writeFileSync(
      lshell,
      `#!/bin/sh\n[ "$1" != --help ] || exec perl ${fake.at('old-lshell')} --help\necho 'lshell: command not found: "zfs"' >&2; exit 127\n`,
    );
    writeFileSync(fake.at('old-lshell'), text);
    const { failure } = await fake.run(tasksFor(fake));
    expect(failure).toMatchObject({ code: 'in-the-way' });
    expect(failure?.message).toMatch(
      /called as sshd calls it, would refuse every Mac .*command not found: "zfs"$/,
    );
  });

  test('lshell is taken where it is installed, the gate where it is not, and what is in use stays; it is said why', async () => {
    const choose = (asked?: Restriction) =>
      chooseRestriction(fake.machine, account, asked, new AbortController().signal);
    expect(await choose()).toEqual({
      restriction: 'lshell',
      because: 'lshell is installed: /usr/local/sbin/lshell',
    });
    const lshell = readFileSync(fake.at('sbin/lshell'));
    rmSync(fake.at('sbin/lshell'));
    expect(await choose()).toEqual({ restriction: 'gate', because: 'lshell is not installed' });
    expect(await choose('lshell')).toMatchObject({ restriction: 'lshell' });

    await fake.run(tasksFor(fake, 'gate'));
    const keys = fake.at('var/lib/zfs_mobile_sync/.ssh/authorized_keys');
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl root@mac-a';
    writeFileSync(keys, `restrict,command="gate x" ${key}\n`);
    writeFileSync(fake.at('sbin/lshell'), lshell, { mode: 0o755 });
    expect(await choose()).toEqual({ restriction: 'gate', because: 'its keys are behind the gate already' });

    // The gate's shell runs anything for a key without its command.
    writeFileSync(keys, `restrict ${key}\n`);
    expect(await choose()).toMatchObject({ restriction: 'lshell' });
    const { failure } = await fake.run(tasksFor(fake, 'gate'));
    expect(failure).toMatchObject({ code: 'in-the-way' });
    expect(failure?.message).toMatch(/would get a shell: .*SHA256:\S+ root@mac-a/);
  });

  test('a link in place of the keys is not followed', async () => {
    await fake.run(tasksFor(fake));
    rmSync(fake.at('var/lib/zfs_mobile_sync/.ssh/authorized_keys'));
    mkdirSync(fake.at('var/lib/zfs_mobile_sync/.ssh/authorized_keys'));
    const add = addKeyTask(fake.machine, account, {
      ...{
        mac: 'mac7',
        publicKey: () => Promise.resolve({ type: 'ssh-ed25519', base64: 'x', fingerprint: 'SHA256:x' }),
      },
      ...{ options: () => Promise.resolve('restrict'), today: '2026-11-26' },
    });
    expect((await fake.run([add])).failure).toMatchObject({ code: 'in-the-way' });
  });
});
