import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Argv, Host } from '../../../src/host/host.ts';
import { createLocalHost } from '../../../src/host/local.ts';
import { createLinuxPlatform } from '../../../src/platform/linux/linux-platform.ts';
import type { Machine } from '../../../src/provision/machine.ts';
import { applyForReal, runTasks, type Apply, type Report } from '../../../src/provision/run-tasks.ts';
import type { Change, Task } from '../../../src/provision/task.ts';
import { createSyncZfs } from '../../../src/zfs/sync-zfs.ts';
import { createSimulatedMachine, type SimulatedMachine } from '../../support/simulated-machine.ts';

const repository = resolve(import.meta.dirname, '../../..');

/**
 * A bare Linux machine: real useradd, sshd, runuser and ssh-keygen on an /etc and a /var/lib of its own (mount namespaces; root
 * alone can make them), zfs by the simulator, lshell by the lab's stand-in, and fakes that keep their state in a folder.
 */
export interface FakeLinux {
  readonly machine: Machine;
  readonly zfs: SimulatedMachine;
  /** The real place of a path below /etc or /var/lib. */
  at(path: string): string;
  /** A file of the fakes' state; what it holds, '' when there is none. */
  state(name: string): string;
  setState(name: string, text: string): void;
  /** Every file and directory with mode, owner and text, and what the pool has; random and dated parts left out. */
  everything(): Promise<string>;
  run(
    tasks: readonly Task[],
    apply?: Apply,
  ): Promise<{ readonly report: Report; readonly failure: Error | null }>;
  /** Starts what goes on running there; its standard error is a pipe. To be ended. */
  spawnIn(argv: Argv): ChildProcess;
  remove(): void;
}

/** `list`: a pool is there when it is in the state, with its disk. `create`: it is. */
const zpool = `#!/bin/sh
state=@STATE@
printf 'zpool %s\\n' "$*" >>"$state/calls"
for last; do :; done
case $1 in
list)
  [ -e "$state/pool-$last" ] || { echo "cannot open '$last': no such pool" >&2; exit 1; }
  printf '%s\\t1G\\n\\t%s\\t1G\\n' "$last" "$(cat "$state/pool-$last")"
  ;;
get) printf 'feature@filesystem_limits\\t%s\\n' "$(cat "$state/filesystem-limits" 2>/dev/null || echo enabled)" ;;
create)
  for word; do pool=$disk disk=$word; done
  echo "$disk" >"$state/pool-$pool"
  ;;
*) exit 99 ;;
esac
`;

const systemctl = `#!/bin/sh
state=@STATE@
printf 'systemctl %s\\n' "$*" >>"$state/calls"
case "$1 $5" in
'show ssh.service') echo active ;;
show*) echo inactive ;;
reload*) cp /etc/ssh/sshd_config.d/roamhome.conf "$state/sshd-has-read" ;;
*) exit 99 ;;
esac
`;

const roamhome = `#!/bin/sh
state=@STATE@
if [ -e "$state/installed" ]; then echo 'nothing to do: all is installed already'; exit; fi
echo 'write units'
for last; do :; done
[ "$last" = --dry-run ] || echo "$*" >"$state/installed"
`;

const answers = (name: string, code = 0): string => `#!/bin/sh
cat @STATE@/${name} 2>/dev/null || exit ${code}
`;

/** What programs need of /etc. */
const needed = [
  ...['passwd', 'group', 'shadow', 'gshadow', 'login.defs', 'nsswitch.conf', 'default', 'pam.d', 'security'],
  ...['ld.so.cache', 'ld.so.conf', 'ld.so.conf.d', 'environment', 'hosts', 'host.conf', 'pam.conf'],
];

/** Makes one. `program`: the simulator's zfs, bundled. */
export function createFakeLinux(program: string): FakeLinux {
  const root = mkdtempSync(join(tmpdir(), 'roamhome-provision-'));
  chmodSync(root, 0o755);
  const [etc, lib, sbin, state] = ['etc', 'var/lib', 'sbin', 'state'].map((name) => join(root, name)) as [
    string,
    string,
    string,
    string,
  ];
  for (const each of [join(etc, 'ssh/sshd_config.d'), lib, sbin, state]) mkdirSync(each, { recursive: true });
  for (const name of needed)
    if (existsSync(`/etc/${name}`))
      cpSync(`/etc/${name}`, join(etc, name), { recursive: true, verbatimSymlinks: true });
  writeFileSync(join(etc, 'ssh/sshd_config'), 'Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(etc, 'ssh/ssh_host_ed25519_key')]);
  // sshd wants it for its privilege separation, also to read a configuration.
  mkdirSync('/run/sshd', { recursive: true });

  const zfs = createSimulatedMachine('server', join(root, 'zfs'), program);
  const script = (name: string, text: string): void => {
    writeFileSync(join(sbin, name), text.replaceAll('@STATE@', state));
    chmodSync(join(sbin, name), 0o755);
  };
  script('zpool', zpool);
  script('systemctl', systemctl);
  script('roamhome', roamhome);
  script('lsblk', answers('lsblk', 32));
  script('blkid', answers('blkid', 2));
  script('ssh-keyscan', answers('ssh-keyscan'));
  script('journalctl', answers('journal'));
  script(
    'zfs',
    `#!/bin/sh\n[ "$1" != version ] || exec echo zfs-2.3.2\nexec ${join(root, 'zfs/bin/zfs')} "$@"\n`,
  );
  copyFileSync(join(repository, 'scripts/lab.d/lshell-standin'), join(sbin, 'lshell'));
  chmodSync(join(sbin, 'lshell'), 0o755);

  const local = createLocalHost({
    name: 'this machine',
    path: ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'],
    env: { ROAMHOME_SIMULATOR: join(root, 'zfs/state') },
  });
  const host = inNamespace(local, root);
  const machine: Machine = {
    ...{ name: 'this machine', kind: 'linux', isRemote: false, host },
    zfs: createSyncZfs(host, { command: () => undefined, warning: () => undefined }),
    platform: createLinuxPlatform(host),
  };
  const { signal } = new AbortController();
  const stateText = (name: string): string =>
    existsSync(join(state, name)) ? readFileSync(join(state, name), 'utf8') : '';

  return {
    ...{ machine, zfs },
    at: (path) => join(root, path),
    state: stateText,
    setState: (name, text) => {
      writeFileSync(join(state, name), text);
    },
    everything: async () => {
      const pool = await zfs.zfs(
        'get',
        '-Hp',
        '-r',
        '-s',
        'local',
        '-o',
        'name,property,value',
        'all',
        'data',
      );
      const allowed: string[] = [];
      for (const name of (await zfs.zfs('list', '-H', '-o', 'name')).trim().split('\n'))
        allowed.push(await zfs.zfs('allow', name));
      const fakes = readdirSync(state).filter((name) => name !== 'calls');
      return [
        ...walk(etc, '/etc'),
        ...walk(lib, '/var/lib'),
        ...[pool, ...allowed],
        ...fakes.sort().map((name) => `${name}: ${stateText(name)}`),
      ].join('\n');
    },
    run: (tasks, apply = applyForReal) => runTasks(tasks, { apply, signal }),
    spawnIn: (argv) => {
      const [command, ...words] = inside(root, argv);
      return spawn(command, words, { stdio: ['ignore', 'ignore', 'pipe'] });
    },
    remove: () => {
      rmSync(root, { recursive: true });
    },
  };
}

/** Each command sees the machine's directories in place of the real ones, and so nobody else does. */
function inNamespace(host: Host, root: string): Host {
  return {
    ...host,
    run: (argv, options) => host.run(inside(root, argv), options),
    stream: (argv, options) => host.stream(inside(root, argv), options),
  };
}

function inside(root: string, argv: Argv): Argv {
  const script =
    'for at in etc var/lib; do mount --bind "$1/$at" "/$at" || exit 98; done; mount --bind "$1/sbin" /usr/local/sbin || exit 98; shift; exec "$@"';
  return ['unshare', '-m', 'sh', '-c', script, 'sh', root, ...argv];
}

/** What a run would do, as a dry run sees it. */
export async function changesOf(fake: FakeLinux, tasks: readonly Task[]): Promise<readonly Change[]> {
  const changes: Change[] = [];
  const { failure } = await fake.run(tasks, (_task, change) => Promise.resolve(void changes.push(change)));
  if (failure !== null) throw failure;
  return changes;
}

/** Applies for real, and is killed just before the change of this number: the state is that after the one before. */
export function killedBefore(at: number): Apply {
  let number = 0;
  return async (task, change, signal) => {
    if (number === at) throw new Error('killed');
    number += 1;
    await applyForReal(task, change, signal);
  };
}

/** Backups of useradd's, and locks. */
const passing = /^(?:passwd-|group-|shadow-|gshadow-|subuid-|subgid-|\.pwd\.lock|ld\.so\.cache)$/;

function* walk(directory: string, shown: string): Generator<string> {
  for (const name of readdirSync(directory).sort()) {
    if (passing.test(name)) continue;
    const path = join(directory, name);
    const { mode, uid, gid } = lstatSync(path);
    const what = `${shown}/${name} ${(mode & 0o7777).toString(8)} ${uid}:${gid}`;
    if ((mode & 0o170000) === 0o040000) {
      yield what;
      yield* walk(path, `${shown}/${name}`);
    } else if ((mode & 0o170000) === 0o100000) {
      const isRandom = /^id_ed25519|^ssh_host_/.test(name);
      yield `${what}\n${isRandom ? '(a key)' : readFileSync(path, 'utf8')}`;
    } else yield what;
  }
}
