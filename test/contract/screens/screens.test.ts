import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createKeyPair, startSshServer, type SshServer } from '../../../src/demo/ssh-server.ts';
import { hostName } from '../../../src/host/known-hosts.ts';
import { bundle } from '../../unit/bundle.ts';
import { createSimulatedMachine, type SimulatedMachine } from '../simulated-machine.ts';

// What a person sees, in real terminals of tmux; the program and SSH are real, ZFS is the simulator. `ROAMHOME_SCREENS=1` writes
// what is seen to docs/screens.
const screens = resolve(import.meta.dirname, '../../../docs/screens');

describe.runIf(process.getuid?.() === 0)('issue 6, 1: the terminal views', { timeout: 180_000 }, () => {
  let directory: string;
  let bundles: Awaited<ReturnType<typeof bundle>>[];
  let mac: SimulatedMachine;
  let ssh: SshServer;

  beforeAll(async () => {
    bundles = await Promise.all([bundle('simulator/main.ts'), bundle('cli/run.ts')]);
    const [zfs, run] = bundles;
    if (zfs === undefined || run === undefined) throw new Error('nothing is bundled');
    directory = mkdtempSync(join(tmpdir(), 'roamhome-screens-'));
    const machineOf = (name: string): SimulatedMachine => {
      const machine = createSimulatedMachine(name, join(directory, name), zfs.path);
      const script = join(directory, name, 'bin/zfs');
      const state = `process.env.ROAMHOME_SIMULATOR = ${JSON.stringify(join(directory, name, 'state'))};`;
      writeFileSync(script, readFileSync(script, 'utf8').replace('\n', `\n${state}\n`));
      return machine;
    };
    mac = machineOf('mac');
    const server = machineOf('server');
    const key = createKeyPair();
    ssh = await startSshServer({
      host: server.host,
      user: 'zfs_mobile_sync',
      authorizedKeys: [key.publicKey],
    });
    const file = (name: string): string => join(directory, name);
    writeFileSync(file('id'), key.privateKey, { mode: 0o600 });
    writeFileSync(file('known_hosts'), `${hostName('127.0.0.1', ssh.port)} ${ssh.hostKey}\n`);
    const config = {
      server: {
        ...{ address: '127.0.0.1', port: ssh.port },
        ...{ identityFile: file('id'), knownHostsFile: file('known_hosts') },
      },
      local: {
        ...{ homeBase: mac.folder('/Users'), macName: 'mac7' },
        ...{ spoolDir: file('pending'), stateDir: file('state') },
      },
      limits: { connectSeconds: 2, processGraceSeconds: 0 },
      progress: { statusDir: file('status') },
      log: { file: file('log') },
      zfsPath: [join(directory, 'mac/bin')],
    };
    writeFileSync(file('config.json'), JSON.stringify(config));
    // A directory service that knows alice.
    writeFileSync(
      join(directory, 'mac/bin/getent'),
      `#!/bin/sh
case "$1" in passwd) echo "$2:x:3987:3987::/:/bin/sh" ;; group) echo "$2:x:2100:alice,bob" ;; esac
`,
    );
    chmodSync(join(directory, 'mac/bin/getent'), 0o755);
    const main = `import { run } from ${JSON.stringify(run.path)}; await run([...process.argv.slice(2), '--config', ${JSON.stringify(file('config.json'))}]);`;
    writeFileSync(file('main.mjs'), main);
    mkdirSync(file('bin'));
    writeFileSync(file('bin/roamhome'), `#!/bin/sh\nexec ${process.execPath} ${file('main.mjs')} "$@"\n`, {
      mode: 0o755,
    });
    for (const machine of [mac, server])
      await machine.zfs('create', '-o', 'canmount=off', '-o', 'mountpoint=none', 'data/profiles');
    for (const [user, mebibytes] of [
      ['alice', 8],
      ['bob', 1],
    ] as const) {
      const mountpoint = mac.folder(`/Users/${user}`);
      await mac.zfs(
        'create',
        '-o',
        'canmount=noauto',
        '-o',
        `mountpoint=${mountpoint}`,
        `data/profiles/${user}`,
      );
      await mac.zfs('mount', `data/profiles/${user}`);
      for (let session = 1; session <= 3; session++) {
        writeFileSync(join(mountpoint, `film-${session}`), randomBytes(mebibytes << 20));
        await mac.zfs('snapshot', `data/profiles/${user}@roamhome-20261120T0${session}4500.123Z-mac7`);
      }
    }
  });
  afterAll(async () => {
    await ssh.close();
    for (const one of bundles) one.remove();
    rmSync(directory, { recursive: true });
  });

  /** A terminal with a shell in it; gives what it shows. */
  async function inTerminal(
    { columns, rows = 16 }: { readonly columns: number; readonly rows?: number },
    use: (terminal: {
      type: (line: string) => void;
      shows: (wrapped?: 'wrapped' | 'whole') => string;
    }) => Promise<void>,
  ): Promise<void> {
    const tmux = (...words: readonly string[]): string =>
      execFileSync('tmux', ['-L', `roamhome-${process.pid}`, '-f', '/dev/null', ...words], {
        encoding: 'utf8',
      });
    const shell = `PATH=${join(directory, 'bin')}:$PATH PS1='$ ' TZ=UTC exec sh`;
    tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), shell);
    try {
      await use({
        type: (line) => void tmux('send-keys', line, 'Enter'),
        // Whole: a line that the terminal has wrapped is one.
        shows: (wrapped = 'whole') =>
          `${tmux('capture-pane', '-p', ...(wrapped === 'whole' ? ['-J'] : [])).trimEnd()}\n`,
      });
    } finally {
      tmux('kill-server');
    }
  }

  function keep(name: string, screen: string): void {
    if (process.env['ROAMHOME_SCREENS'] === undefined) return;
    mkdirSync(screens, { recursive: true });
    writeFileSync(join(screens, `${name}.txt`), screen);
  }

  test.each([
    [80, 'alice', /^alice: sending \[#+\.+\] +[1-9]\d? % {2}[\d.]+ of [\d.]+ MiB/m],
    [40, 'bob', /^logout of bob: sent/m],
  ])('a logout in %d columns', async (columns, user, under) => {
    await inTerminal({ columns }, async ({ type, shows }) => {
      type(`roamhome logout ${user}`);
      let screen = '';
      await vi.waitFor(
        () => {
          expect((screen = shows())).toMatch(under);
        },
        { timeout: 60_000, interval: 50 },
      );
      for (const line of screen.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
      if (user === 'alice') keep(`logout-${columns}-under-way`, screen);
      await vi.waitFor(
        () => {
          expect((screen = shows())).toMatch(/^logout of \w+: sent/m);
        },
        {
          timeout: 150_000,
          interval: 200,
        },
      );
      expect(screen).toMatch(new RegExp(`^${user}: done .*100 %`, 'm'));
      keep(`logout-${columns}`, screen);
    });
  });

  test.each([
    ['status-80', 80, 'roamhome status', /^HOME .*\n(.+\n)*carol +pending/m],
    ['status-40', 40, 'roamhome status', /^carol: pending$/m],
    ['status-alice-80', 80, 'roamhome status alice', /^ {2}here .* ago, mac7$/m],
    ['status-brief-80', 80, 'roamhome status --brief', /^warning: carol: .*(; .*)? of 3 homes in sync$/m],
    ['status-json', 80, 'roamhome status alice --json', /^ {2}"homes": \[/m],
    [
      'status-prometheus',
      100,
      'roamhome status --prometheus roamhome.prom; cat roamhome.prom',
      /^roamhome_home_snapshots\{user="carol",side="local"\} 1$/m,
    ],
  ])('%s: how homes stand, in %d columns', async (name, columns, command, want) => {
    await mac.zfs('create', '-p', '-o', 'canmount=noauto', 'data/profiles/carol');
    await mac
      .zfs('snapshot', 'data/profiles/carol@roamhome-20261125T080200.123Z-mac7')
      .catch(() => undefined);
    mkdirSync(join(directory, 'pending'), { recursive: true });
    const since = new Date(Date.now() - 26 * 3_600_000).toISOString();
    writeFileSync(join(directory, 'pending/carol'), JSON.stringify({ since }));
    await inTerminal({ columns, rows: 120 }, async ({ type, shows }) => {
      type(`cd ${directory}; clear; ${command}; echo "exit code $?"`);
      let screen = '';
      await vi.waitFor(
        () => {
          expect((screen = shows())).toMatch(/^exit code \d$/m);
        },
        { timeout: 60_000, interval: 100 },
      );
      expect(screen).toMatch(want);
      if (command === 'roamhome status') expect(screen).toMatch(/^exit code 1$/m);
      if (name === 'status-80')
        for (const line of screen.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
      const seen = columns < 80 ? shows('wrapped') : screen;
      keep(name, seen.replace(/^exit code \d\n/m, '').replaceAll(directory, '/srv'));
    });
  });
});
