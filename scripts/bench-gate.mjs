// What the gate costs a remote command: its start beside `node -e 0`, and what a receive takes besides (a question to zfs, which
// does nothing here, and what hands on the stream). Taking turns, on this machine. As root (a policy has to be root's), after
// `npm run build`: node scripts/bench-gate.mjs [ROUNDS]
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
const cases = {
  '/bin/true': [['/bin/true']],
  'node -e 0': [[process.execPath, '-e', '0']],
  'gate, then /bin/true for zfs': [[process.execPath, gate, policy], legal],
  'the same, for zfs receive': [[process.execPath, gate, policy], receive],
};

function milliseconds([[program, ...words], command = '']) {
  const before = performance.now();
  const { status, stderr } = spawnSync(program, words, {
    env: { SSH_ORIGINAL_COMMAND: command },
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
}
