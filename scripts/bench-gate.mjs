// What the gate costs a remote command: its start beside `node -e 0`, and what a receive takes besides (a question to zfs, which
// does nothing here, and what hands on the stream); and the same as the zfs that lshell finds (LSHELL=/path/to/lshell: through it). Taking turns, on this machine. As root (a policy has to be root's), after
// `npm run build`: node scripts/bench-gate.mjs [ROUNDS]
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const rounds = Number(process.argv[2] ?? 40);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('usage: node scripts/bench-gate.mjs [ROUNDS]');
const gate = new URL('../dist/gate.js', import.meta.url).pathname;
if (!existsSync(gate)) throw new Error('dist/ is missing: npm run build');

const directory = mkdtempSync('/run/roamhome-bench-gate-');
const policy = join(directory, 'mac7.json');
const roots = { homes: 'data/profiles', conflicts: 'data/profiles-conflicts' };
writeFileSync(
  policy,
  JSON.stringify({ mac: 'mac7', ...roots, users: ['*'], mode: 'append', zfs: '/bin/true' }),
);

const legal = 'zfs list -Hp -o roamhome:session data/profiles/alice';
const receive = 'zfs receive -u -s data/profiles/alice';
const recorded = new URL('../test/unit/zfs/streams/full.stream.gz', import.meta.url);
const stream = gunzipSync(readFileSync(recorded));
// Behind lshell the keys are those of the account: here root, whose home and policies are others in a namespace of their own.
const conf = join(directory, 'lshell.conf');
const shim = join(directory, 'bin');
const madeDirectory = !existsSync('/etc/roamhome');
mkdirSync('/etc/roamhome', { recursive: true });
for (const each of ['bin', 'home/.ssh', 'etc/keys']) mkdirSync(join(directory, each), { recursive: true });
copyFileSync(policy, join(directory, 'etc/keys/mac7.json'));
writeFileSync(
  join(directory, 'home/.ssh/authorized_keys'),
  'restrict ssh-ed25519 AAAA roamhome:mac7 added 2026-12-01\n',
);
writeFileSync(
  join(directory, 'passwd'),
  readFileSync('/etc/passwd', 'utf8').replace(/^root:.*$/m, `root:x:0:0::${join(directory, 'home')}:/bin/sh`),
);
const first = `#!/usr/bin/env -S -i ${process.execPath} ${gate} --behind-lshell\n`;
writeFileSync(join(shim, 'zfs'), first, { mode: 0o755 });
mkdirSync(join(directory, 'plain'));
symlinkSync('/bin/true', join(directory, 'plain/zfs'));
const within = (...words) => [
  'unshare',
  '-m',
  'sh',
  '-c',
  'mount --bind "$1/passwd" /etc/passwd && mount --bind "$1/etc" /etc/roamhome && shift && exec "$@"',
  ...['sh', directory, ...words],
];
const { LSHELL: lshell } = process.env;
const shell = (zfs) => {
  const file = `${conf}-${zfs}`;
  const settings = ["allowed : ['zfs']", "overssh : ['zfs']", "forbidden : [';']", 'warning_counter : 2'];
  const path = `env_path : '${join(directory, zfs)}'`;
  writeFileSync(file, `[global]\nlogpath : /tmp/\n[default]\n${settings.join('\n')}\n${path}\n`);
  return within(lshell, '--config', file, '-c', legal);
};
const cases = {
  '/bin/true': [['/bin/true']],
  'node -e 0': [[process.execPath, '-e', '0']],
  'gate, then /bin/true for zfs': [[process.execPath, gate, policy], legal],
  'the same, for zfs receive': [[process.execPath, gate, policy], receive],
  'zfs by itself, in a namespace': [within('/bin/true')],
  'the zfs behind lshell': [within(join(shim, 'zfs'), ...legal.split(' ').slice(1))],
  ...(lshell === undefined
    ? {}
    : { 'lshell, plain zfs': [shell('plain')], 'lshell, the gate as zfs': [shell('bin')] }),
};

function milliseconds([[program, ...words], command = null]) {
  const before = performance.now();
  const { status, stderr } = spawnSync(program, words, {
    env: {
      ...(command === null ? {} : { SSH_ORIGINAL_COMMAND: command }),
      ...{ PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: join(directory, 'home') },
      ...{ SSH_CLIENT: '127.0.0.1 1 22', SSH_CONNECTION: '127.0.0.1 1 127.0.0.1 22' },
    },
    input: stream,
  });
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`);
  return performance.now() - before;
}

try {
  const taken = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
  for (let round = -2; round < rounds; round++)
    for (const [name, argv] of Object.entries(cases)) {
      const time = milliseconds(argv);
      // The first two only warm the file cache.
      if (round >= 0) taken[name].push(time);
    }
  console.log(`${rounds} rounds, Node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}\n`);
  for (const [name, times] of Object.entries(taken)) {
    times.sort((a, b) => a - b);
    const at = (part) => times[Math.floor(part * (times.length - 1))].toFixed(0).padStart(5);
    console.log(
      `${name.padEnd(30)} median ${at(0.5)} ms, fastest ${at(0)} ms, nine in ten within ${at(0.9)} ms`,
    );
  }
} finally {
  rmSync(directory, { recursive: true });
  if (madeDirectory) rmdirSync('/etc/roamhome');
}
