import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RoamhomeError } from '../errors/errors.ts';
import { createLocalHost } from '../host/local.ts';
import { hostName } from '../host/ssh/known-hosts.ts';
import { createStore } from '../simulator/store.ts';
import type { Cleanup } from './cleanup.ts';
import { gateOf } from './gate-of.ts';
import { createKeyPair, startSshServer, type KeyPair } from './ssh-server.ts';

const account = 'zfs_mobile_sync';
const delegated = 'receive:append,create,mount,userprop,bookmark,snapshot,send,hold';
const roots = { root: 'data/profiles', conflictsRoot: 'data/profiles-conflicts' };
const parentOf = ['canmount=off', 'mountpoint=none', 'atime=off', 'setuid=off', 'devices=off'].flatMap(
  (each) => ['-o', each],
);

/** The users, with numbers that no system gives to a person. */
const users = { alice: 60_001, bob: 60_002 } as const;
const group = 60_000;

export type MachineName = 'mac-a' | 'mac-b' | 'server';
const names: readonly MachineName[] = ['mac-a', 'mac-b', 'server'];

/** What the playground is made of, bundled: the simulator's zfs, and the module that runs Roamhome's command line. */
export interface Programs {
  readonly simulator: string;
  readonly roamhome: string;
}

/** A line that was typed. */
export interface Typed {
  readonly exitCode: number | null;
  readonly text: string;
}

/** Three machines on this one: each has mounts, processes, a host name and files in /etc and /var of its own. */
export interface Playground {
  /** Runs a line as its user types it at the machine's prompt; what it printed on both outputs, as a terminal shows it. */
  readonly type: (machine: MachineName, line: string) => Promise<Typed>;
  /** An argv that starts a program in the machine. */
  readonly inside: (machine: MachineName) => readonly string[];
  /** A directory of the playground's own, which every machine sees. */
  readonly directory: string;
  /** Cuts the server off from the Macs, or brings it back. */
  readonly setServerAway: (away: boolean) => void;
}

/**
 * Makes the machines, set up as `roamhome provision` leaves them, with the users alice and bob. Throws `not-root` and
 * `command-failed` where this system gives no machine mounts of its own.
 */
export async function openPlayground(programs: Programs, cleanup: Cleanup): Promise<Playground> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new RoamhomeError({
      code: 'not-root',
      message: 'the playground needs Linux and root: each of its machines has mounts of its own',
      remedy: 'Run `sudo scripts/playground`. Nothing outside of a temporary folder is changed.',
    });
  const directory = mkdtempSync(join(tmpdir(), 'roamhome-playground-'));
  cleanup.add(directory, () => {
    rmSync(directory, { recursive: true, force: true });
  });
  chmodSync(directory, 0o755);
  const keys = { 'mac-a': createKeyPair(), 'mac-b': createKeyPair() };
  const pids = new Map<MachineName, number>();
  for (const name of names)
    pids.set(name, await startMachine(name, join(directory, name), programs, cleanup));
  const inside = (name: MachineName): readonly string[] => [
    ...['nsenter', '-t', String(pids.get(name)), '--mount', '--pid', '--uts', '--wd=/root'],
    ...['env', '-i', 'PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', 'HOME=/root', 'LANG=C.UTF-8'],
    `TERM=${process.env['TERM'] ?? 'dumb'}`,
  ];
  const must = async (name: MachineName, line: string): Promise<void> => {
    const { exitCode, text } = await run(inside(name), line);
    if (exitCode !== 0) throw new Error(`${name}: ${line}: exit ${exitCode ?? 'by a signal'}\n${text}`);
  };
  const bin = join(directory, 'ssh');
  mkdirSync(bin);
  const words = [...inside('server'), `ROAMHOME_SIMULATOR_USER=${account}`, 'zfs'].map((word) => `'${word}'`);
  writeFileSync(join(bin, 'zfs'), `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`, { mode: 0o755 });
  const host = createLocalHost({ name: 'server', path: [bin, '/usr/bin', '/bin'] });
  cleanup.add('what runs on the server', () => host.close());
  const ssh = await startSshServer({
    host,
    user: account,
    authorizedKeys: Object.entries(keys).map(([mac, { publicKey }]) => ({
      ...{ publicKey, whyRefused: gateOf(mac, roots) },
    })),
  });
  cleanup.add('the SSH server', () => ssh.close());
  for (const name of names) {
    for (const root of ['profiles', 'profiles-conflicts']) {
      await must(name, `zfs create ${parentOf.join(' ')} data/${root}`);
      if (name === 'server') await must(name, `zfs allow -u ${account} ${delegated} data/${root}`);
    }
    const files =
      name === 'server' ? { 'config.json': settings({ role: 'server' }) } : filesOfMac(keys[name], ssh);
    for (const [file, text] of Object.entries(files)) writeInto(inside(name), `/etc/roamhome/${file}`, text);
  }
  await must('server', 'roamhome provision user add alice');
  const setServerAway = (away: boolean): void => {
    ssh.setSilent(away);
  };
  const type = async (name: MachineName, line: string): Promise<Typed> => {
    if (line !== 'away' && line !== 'back') return run(inside(name), line);
    setServerAway(line === 'away');
    return { exitCode: 0, text: '' };
  };
  return { inside, directory, type, setServerAway };
}

const settings = (own: object): string =>
  `${JSON.stringify({ ...own, zfsPath: ['/usr/local/bin'] }, null, 2)}\n`;

function filesOfMac(key: KeyPair, { port, hostKey }: { readonly port: number; readonly hostKey: string }) {
  return {
    id_ed25519: key.privateKey,
    known_hosts: `${hostName('server', port)} ${hostKey}\n`,
    'config.json': settings({
      role: 'mac',
      server: { address: 'server', port },
      limits: { connectSeconds: 3 },
    }),
  };
}

/** Starts what holds a machine's mounts and processes; its process number. */
async function startMachine(
  name: MachineName,
  directory: string,
  { simulator, roamhome }: Programs,
  cleanup: Cleanup,
): Promise<number> {
  const [state, bin] = [join(directory, 'state'), join(directory, 'bin')];
  for (const each of [state, bin]) mkdirSync(each, { recursive: true });
  createStore(state, { pools: ['data'], base: '/', superuser: 'root' });
  writeFileSync(join(bin, 'package.json'), '{ "type": "module" }\n');
  writeFileSync(join(bin, 'zfs-simulator'), `#!${process.execPath}\n${readFileSync(simulator, 'utf8')}`, {
    mode: 0o755,
  });
  writeFileSync(join(bin, 'zfs'), zfsScript(state), { mode: 0o755 });
  writeFileSync(join(bin, 'as'), asScript, { mode: 0o755 });
  writeFileSync(join(bin, 'zpool'), zpoolScript, { mode: 0o755 });
  writeFileSync(
    join(bin, 'roamhome'),
    `#!${process.execPath}\nconst { run } = await import(${JSON.stringify(roamhome)});\nawait run(process.argv.slice(2));\n`,
    { mode: 0o755 },
  );
  writeFileSync(join(directory, 'setup'), setupScript(name, directory), { mode: 0o755 });
  const holder = spawn(
    'unshare',
    [...['--mount', '--pid', '--fork', '--mount-proc', '--uts', '--kill-child'], join(directory, 'setup')],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  cleanup.add(`the machine ${name}`, async () => {
    const ended = once(holder, 'close');
    if (holder.kill('SIGKILL')) await ended;
  });
  await isReady(holder, name);
  const children = readFileSync(`/proc/${String(holder.pid)}/task/${String(holder.pid)}/children`, 'utf8');
  return Number(children.trim());
}

async function isReady(holder: ChildProcess, name: string): Promise<void> {
  let said = '';
  holder.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [first] = (await Promise.race([
    once(holder.stdout ?? holder, 'data'),
    once(holder, 'close'),
  ])) as unknown[];
  if (String(first).trim() === 'ready') return;
  throw new RoamhomeError({
    code: 'command-failed',
    message: `unshare cannot make the machine ${name}: ${said.trim()}`,
    remedy: 'Run the playground on a Linux machine or a virtual machine where root may mount file systems.',
  });
}

/** Copies on write of /etc, /var and /usr/local; homes and /run of its own; then it only waits. */
function setupScript(name: MachineName, directory: string): string {
  const accounts = Object.entries(users).flatMap(([user, uid]) => [
    `echo '${user}:x:${uid}:${group}:${user}:/home/${user}:/bin/bash' >> /etc/passwd`,
  ]);
  return [
    '#!/bin/sh',
    'set -e',
    `mkdir -p ${directory}/files`,
    // What is copied on write lies on no overlay itself.
    `mount -t tmpfs -o mode=755 tmpfs ${directory}/files`,
    'for each in etc var usr/local; do',
    `  mkdir -p "${directory}/files/$each/new" "${directory}/files/$each/work"`,
    `  mount -t overlay overlay -o "lowerdir=/$each,upperdir=${directory}/files/$each/new,workdir=${directory}/files/$each/work" "/$each"`,
    'done',
    'mount -t tmpfs -o mode=755 tmpfs /home',
    'mount -t tmpfs -o mode=755 tmpfs /run',
    `hostname ${name}`,
    `for each in as zfs zfs-simulator zpool roamhome package.json; do cp "${directory}/bin/$each" /usr/local/bin/; done`,
    'rm -rf /etc/roamhome /var/lib/roamhome /var/log/roamhome',
    'mkdir -p /etc/roamhome',
    "echo '127.0.0.1 server' >> /etc/hosts",
    ...accounts,
    `echo 'zfs_mobile_sync:x:${group}:${Object.keys(users).join(',')}' >> /etc/group`,
    'echo ready',
    'exec sleep infinity',
    '',
  ].join('\n');
}

/**
 * The simulator's zfs, which mounts folders: here each gets a file system of its own, as a dataset has, so that what is mounted
 * looks it, and what is in use cannot be unmounted.
 */
function zfsScript(state: string): string {
  return `#!/bin/bash
export ROAMHOME_SIMULATOR=${state}
zfs() { /usr/local/bin/zfs-simulator "$@"; }
place() { zfs get -H -o value mountpoint "$1"; }
case $1 in
  mount)
    name="\${!#}"
    [ $# -gt 1 ] || exec /usr/local/bin/zfs-simulator "$@"
    at=$(place "$name" 2>/dev/null)
    case $at in /*) [ "$(zfs get -H -o value mounted "$name")" = yes ] || { mkdir -p "$at"; mount -t tmpfs -o mode=755 "$name" "$at"; } ;; esac
    zfs "$@"; code=$?
    [ $code = 0 ] || case $at in /*) umount "$at" ;; esac
    exit $code ;;
  unmount | umount)
    name="\${!#}"
    at=$(place "$name" 2>/dev/null)
    if [ -n "$at" ] && fuser -s -m "$at" 2>/dev/null && mountpoint -q "$at"; then
      echo "cannot unmount '$at': pool or dataset is busy" >&2; exit 1
    fi
    zfs "$@"; code=$?
    [ $code != 0 ] || ! mountpoint -q "$at" || umount -l "$at"
    exit $code ;;
  create | clone | rename | destroy | set | inherit | rollback | promote | receive | recv)
    zfs "$@"; code=$?
    # As /proc/mounts has it, /var/run is /run.
    mounted=$(zfs mount | while read -r name at; do echo "$name $(realpath "$at")"; done)
    grep -E '^[^ ]+/[^ ]+ /[^ ]+ tmpfs ' /proc/mounts | while read -r name at _; do
      grep -q " $at\\$" <<< "$mounted" || umount -l "$at"
    done
    while read -r name at; do
      [ -n "$at" ] && ! mountpoint -q "$at" && [ -z "$(ls -A "$at")" ] && mount -t tmpfs -o mode=755 "$name" "$at"
    done <<< "$mounted"
    exit $code ;;
  *) exec /usr/local/bin/zfs-simulator "$@" ;;
esac
`;
}

/** `as USER COMMAND`: what a user does in their own home. */
const asScript = `#!/bin/bash
user=$1; shift
cd "/home/$user" || exit
HOME=/home/$user exec setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups bash -c "$*"
`;

/** What Roamhome asks of a pool: each machine's is well, and has room. */
const zpoolScript = `#!/bin/bash
features='async_destroy bookmarks bookmark_v2 bookmark_written embedded_data enabled_txg encryption extensible_dataset hole_birth large_blocks lz4_compress spacemap_histogram zstd_compress'
case "$*" in
  'list -H -o name') echo data ;;
  'list -Hp -o health,size,free,capacity data') printf 'ONLINE\\t1099511627776\\t1088516511498\\t1\\n' ;;
  'status -xP data') echo "pool 'data' is healthy" ;;
  'get -H -o value altroot data') echo - ;;
  'get -Hp -o property all data') for each in $features; do echo "feature@$each"; done ;;
  'get -Hp -o property,value feature@'*)
    for each in $(echo "$5" | tr , ' '); do printf '%s\\tactive\\n' "$each"; done ;;
  *) echo 'the playground has no such zpool command' >&2; exit 1 ;;
esac
`;

function writeInto(inside: readonly string[], path: string, text: string): void {
  const words = [...inside.slice(1), 'sh', '-c', 'umask 077; cat > "$1"', 'sh', path];
  const { status, stderr } = spawnSync(inside[0] ?? '', words, { input: text, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${path}: ${stderr}`);
}

async function run(inside: readonly string[], line: string): Promise<Typed> {
  const words = [...inside.slice(1), 'bash', '-c', `exec 2>&1\n${line}`];
  const child = spawn(inside[0] ?? '', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => (text += more));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, text };
}
