import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultSettings } from '../../../src/cli/provision/default-settings.ts';
import { keyAdder } from '../../../src/cli/provision/key-adder.ts';
import { defaultsFor } from '../../../src/config/defaults.ts';
import { parsePublicKey } from '../../../src/provision/key/public-key.ts';
import { serverTasks } from '../../../src/provision/server/server-tasks.ts';
import { isJudged, shellTrial } from '../../../src/provision/server/shell-trial.ts';
import { limitsOf } from '../../../src/provision/server/wanted-limits.ts';
import { serverSetup } from '../../../src/provision/server/wanted-server.ts';
import { bundle } from '../../support/bundle.ts';
import { createFakeLinux, type FakeLinux } from './fake-linux.ts';

const account = 'zfs_mobile_sync';
const home = `/var/lib/${account}`;
const { signal } = new AbortController();

/** Stands for zfs: tells how it was called, and with what environment. */
const tellingZfs = `#!/bin/sh
[ "$1" != version ] || exec echo zfs-2.3.2
printf '%s\\n' "$*"; env | grep -v -e '^PWD=' -e '^_=' -e '^SHLVL=' | sort
`;

// Namespaces are root's to make.
describe.runIf(process.getuid?.() === 0)('the judge behind lshell', () => {
  let programs: readonly Awaited<ReturnType<typeof bundle>>[];
  let fake: FakeLinux;
  const tasks = () =>
    serverTasks(
      fake.machine,
      serverSetup('data', {
        ...{ user: account, group: account, restriction: 'lshell', because: 'x', names: 'linux' },
      }),
      {
        ...{ isExact: false, defaults: defaultSettings('linux'), local: ['roamhome'] },
        limits: limitsOf(defaultsFor('linux', 'x').roots),
      },
    );
  const addKey = (mac: string, letter: string, users: readonly string[]) =>
    keyAdder(
      fake.machine,
      defaultsFor('linux', 'server'),
      {
        ...{ mac, policy: { users, mode: 'append' as const } },
        publicKey: () =>
          Promise.resolve(parsePublicKey(`ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${letter.repeat(43)}`)),
      },
      signal,
    );
  const asAccount = (...words: readonly string[]) =>
    fake.machine.host.run(
      ['runuser', '-u', account, '--', 'env', '-i', 'PATH=/usr/bin:/bin', `HOME=${home}`, ...words],
      {},
    );
  const throughShell = (line: string) => asAccount('/usr/local/sbin/lshell', '-c', line);

  beforeAll(async () => {
    programs = await Promise.all([bundle('simulator/main.ts'), bundle('gate/main.ts')]);
    const [simulator, gate] = programs;
    fake = createFakeLinux(simulator?.path ?? '');
    expect((await fake.run(tasks())).report.left).toEqual([
      expect.stringMatching(
        /^lshell alone judges no stream: .* `roamhome provision server` again$/,
      ) as string,
    ]);
    expect(existsSync(fake.at('etc/roamhome/bin/zfs'))).toBe(false);

    mkdirSync(fake.at('etc/rh'));
    copyFileSync(gate?.path ?? '', fake.at('etc/rh/gate.js'));
    writeFileSync(fake.at('etc/rh/package.json'), '{ "type": "module" }\n');
    copyFileSync(fake.at('sbin/roamhome'), fake.at('etc/rh/main.js'));
    await fake.machine.host.run(['chmod', '755', '/etc/rh/main.js'], {});
    rmSync(fake.at('sbin/roamhome'));
    symlinkSync('/etc/rh/main.js', fake.at('sbin/roamhome'));
    expect((await fake.run(await addKey('mac7', 'A', ['alice']))).failure).toBeNull();
    const { report, failure } = await fake.run(tasks());
    expect([failure, report.left, report.done]).toEqual([
      null,
      [],
      ['the judge of commands and streams behind lshell', `lshell's section for ${account}`],
    ]);
    expect((await fake.run(tasks())).report.done).toEqual([]);
    writeFileSync(fake.at('sbin/zfs'), tellingZfs, { mode: 0o755 });
  }, 600_000);
  afterAll(() => {
    fake.remove();
    for (const program of programs) program.remove();
  });

  test('stands where lshell looks first, and is told from zfs by its answer', async () => {
    expect(readFileSync(fake.at('etc/lshell.conf'), 'utf8')).toContain(
      "env_path : '/etc/roamhome/bin:/usr/sbin:",
    );
    const tried = await fake.machine.host.run(shellTrial({ account, home }, ['/usr/local/sbin/lshell']), {});
    expect([tried.exitCode, isJudged(tried)]).toEqual([0, true]);
  });

  test('lets through what one of the keys of the account may, and nothing else', async () => {
    expect(await throughShell('zfs list -Hp -o name data/profiles/alice')).toMatchObject({
      exitCode: 0,
      stdout: 'list -Hp -o name data/profiles/alice\nLC_ALL=C\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n',
    });
    for (const line of [
      'zfs list -Hp -o name data/profiles/bob',
      'zfs set mountpoint=/etc data/profiles/alice',
      'zfs destroy data/profiles/alice@a',
      'zfs receive -u -s data/profiles/alice',
    ])
      expect(await throughShell(line), line).toMatchObject({
        exitCode: 126,
        stderr: expect.stringMatching(/^roamhome-gate: refused: /) as string,
      });
    expect((await fake.run(await addKey('mac8', 'E', ['bob']))).failure).toBeNull();
    expect(await throughShell('zfs list -Hp -o name data/profiles/bob')).toMatchObject({ exitCode: 0 });
  });

  test.each(['NODE_OPTIONS', 'NODE_PATH', 'BASH_ENV', 'ENV', 'PYTHONPATH', 'LD_PRELOAD', 'LD_LIBRARY_PATH'])(
    'takes nothing from %s in front of zfs',
    async (name) => {
      const evil = { NODE_OPTIONS: '--require=/etc/evil.cjs', BASH_ENV: '/etc/evil.sh', ENV: '/etc/evil.sh' };
      writeFileSync(fake.at('etc/evil.cjs'), "console.log('evil');\n");
      writeFileSync(fake.at('etc/evil.sh'), 'echo evil\n');
      const line = `${name}=${(evil as Readonly<Record<string, string>>)[name] ?? '/etc'} zfs list -Hp -o name data/profiles/alice`;
      // As the section of provisioning is, no variable gets to it.
      expect((await throughShell(line)).exitCode).not.toBe(0);
      // An admin's own section may be looser.
      const conf = fake.at('etc/lshell.conf');
      const written = readFileSync(conf, 'utf8');
      writeFileSync(conf, written.replace(", ' zfs '", ''));
      const loose = await throughShell(line);
      writeFileSync(conf, written);
      if (name.startsWith('LD_'))
        expect(loose).toMatchObject({ exitCode: 126, stderr: expect.stringContaining(name) as string });
      else
        expect(loose).toMatchObject({
          exitCode: 0,
          stdout: 'list -Hp -o name data/profiles/alice\nLC_ALL=C\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n',
        });
    },
  );

  test('refuses all where a key of no Mac by name is let in, or others than root could change the file', async () => {
    const keys = fake.at(`${home.slice(1)}/.ssh/authorized_keys`);
    const written = readFileSync(keys, 'utf8');
    writeFileSync(keys, `${written}restrict ssh-ed25519 AAAA by hand\n`);
    const refused = await throughShell('zfs list -Hp -o name data/profiles/alice');
    writeFileSync(keys, written);
    expect(refused).toMatchObject({
      exitCode: 126,
      stderr: expect.stringContaining('no Mac by name') as string,
    });
    await fake.machine.host.run(['chmod', '666', `${home}/.ssh/authorized_keys`], {});
    const open = await throughShell('zfs list -Hp -o name data/profiles/alice');
    await fake.machine.host.run(['chmod', '644', `${home}/.ssh/authorized_keys`], {});
    expect(open).toMatchObject({ exitCode: 126, stderr: expect.stringContaining('can change') as string });
  });

  test('without it lshell finds zfs itself: so uninstalling takes one file away', async () => {
    const program = readFileSync(fake.at('etc/roamhome/bin/zfs'));
    rmSync(fake.at('etc/roamhome/bin/zfs'));
    const plain = await throughShell('zfs destroy data/profiles/alice@a');
    writeFileSync(fake.at('etc/roamhome/bin/zfs'), program, { mode: 0o755 });
    expect(plain).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('destroy') as string });
  });
});
