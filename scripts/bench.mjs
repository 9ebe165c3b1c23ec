// The benchmark behind scripts/bench. Roamhome and its floor take turns, so that both see the same machine; the time is
// taken in the guest, by its monotonic clock, around the one command.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

const rounds = Number(process.argv[2]);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('usage: scripts/bench [ROUNDS [NAME]]');
/** Only the cases whose names have this in them. */
const wanted = process.argv[3] ?? '';

const lab = (...args) =>
  execFileSync(`${import.meta.dirname}/lab`, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
const sh = (host, script) => lab('exec', host, '--', 'bash', '-c', `set -euo pipefail\n${script}`);

/** Seconds that a script takes in the guest, its output put away. */
function timed(host, script) {
  const out = sh(
    host,
    `before=$(cat /proc/uptime); { ${script}\n} >/tmp/bench.out 2>&1 || { cat /tmp/bench.out >&2; exit 1; }; after=$(cat /proc/uptime); echo "$before $after"`,
  );
  const [start, , end] = out.trim().split(/\s+/).map(Number);
  return end - start;
}

/**
 * Overwrites free memory. Pages in which a node that has ended kept its compiled code cost the next process that gets
 * them half a second, while the emulator forgets its translation of that code: nothing that a Mac has.
 */
const settle = (host) => sh(host, 'head -c 300M /dev/zero > /dev/shm/bench; rm /dev/shm/bench');

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

const ssh =
  'ssh -q -i /etc/roamhome/id_ed25519 -o BatchMode=yes -o UserKnownHostsFile=/etc/roamhome/known_hosts zfs_plain@server';
const columns = 'name,type,guid,createtxg,creation,written,receive_resume_token';
const list = (home) => `zfs list -Hp -t filesystem,snapshot,bookmark -o ${columns} -s createtxg -r ${home}`;
const flags = '-L -e -c';
const home = 'data/profiles/alice';

/** A file of that size that does not compress. */
const write = (mebibytes, path) => `head -c $((${mebibytes} << 20)) /dev/urandom > ${path}; sync`;
const roamhome = (what) => `roamhome ${what} alice --set server.user=zfs_plain`;

const thinnable = 'data/profiles/thinnable';
const spares = [];

/**
 * A home of 500 snapshots on the server. A command snapshots each dataset once only, but several datasets at a time: those for
 * later turns are made with the first, and wait where no home is.
 */
function makeThinnable() {
  if (spares.length === 0) {
    spares.push(...Array.from({ length: 8 }, (_, i) => `data/spare/${i + 1}`));
    const names = spares.map((spare) => `${spare}@roamhome-$i`).join(' ');
    sh(
      'server',
      `zfs destroy -r data/spare || true; zfs create -o mountpoint=none data/spare
       for spare in ${spares.join(' ')}; do zfs create $spare; done
       for i in $(seq 500); do zfs snapshot ${names}; done`,
    );
  }
  sh('server', `zfs destroy -r ${thinnable} || true; zfs rename ${spares.pop()} ${thinnable}`);
}

/**
 * What a server does in a night: on the server nothing is unsynced, so each of the 400 snapshots has a bookmark before it goes.
 * The floors leave none, but for the last.
 */
function thin400() {
  const seconds = timed('server', 'roamhome thin --server --set thinning.schedule=100');
  const left = ['snapshot', 'bookmark'].map((type) =>
    Number(sh('server', `zfs list -H -t ${type} -o name ${thinnable} | wc -l`)),
  );
  if (left.join() !== '100,400') throw new Error(`snapshots and bookmarks left: ${left.join()}`);
  return seconds;
}
const oldest400 = Array.from({ length: 400 }, (_, i) => `roamhome-${i + 1}`);
/** What thinning leaves besides, by hand: 400 bookmarks in one transaction group. */
const mark400 = `zfs program data - ${oldest400.map((name) => `${thinnable}@${name} ${thinnable}#${name}`).join(' ')} <<'END'
local arguments = ...
local names = arguments["argv"]
for i = 1, #names, 2 do
  zfs.sync.bookmark(names[i], names[i + 1])
end
END
`;

/** Each case: what has to be true before, Roamhome's way, the floor's way, and what it took away after. */
const cases = [
  {
    name: 'login, nothing to do',
    host: 'mac-a',
    aim: 1.5,
    // As a session's end leaves it: all that was written is in a snapshot on both sides.
    prepare: () =>
      sh(
        'mac-a',
        `zfs mount ${home} || true; date +%s%N > /Users/alice/note; sync; ${roamhome('logout')} >/dev/null`,
      ),
    product: () => timed('mac-a', roamhome('login')),
    floor: () => timed('mac-a', `${list(home)}; ${ssh} ${list(home)}; zfs mount ${home}`),
  },
  {
    name: 'logout, 1 MiB changed',
    host: 'mac-a',
    aim: 1.8,
    prepare: () => sh('mac-a', `zfs mount ${home} || true; ${write(1, '/Users/alice/one')}`),
    product: () => timed('mac-a', roamhome('logout')),
    floor: () =>
      timed(
        'mac-a',
        `last=$(zfs list -H -t snapshot -o name -s createtxg ${home} | tail -n 1)
         now=${home}@floor-$(date +%s%N); zfs unmount ${home}; zfs snapshot $now
         zfs send ${flags} -i $last $now | ${ssh} zfs receive -u -s ${home}`,
      ),
  },
  {
    name: 'login, pull of 3 snapshots',
    host: 'mac-a',
    aim: 1.6,
    prepare: () => {
      sh('mac-a', `zfs unmount ${home} || true`);
      // Three sessions elsewhere: made on the server itself.
      sh(
        'server',
        `zfs set canmount=noauto mountpoint=/bench ${home}; for i in 1 2 3; do zfs mount ${home}; ${write(1, '/bench/$i')}; zfs unmount ${home}; zfs snapshot ${home}@three-$i-$(date +%s%N); done; zfs inherit mountpoint ${home}`,
      );
    },
    product: () => timed('mac-a', roamhome('login')),
    floor: () =>
      timed(
        'mac-a',
        `last=$(zfs list -H -t snapshot -o name -s createtxg ${home} | tail -n 1)
         head=$(${ssh} zfs list -H -t snapshot -o name -s createtxg ${home} | tail -n 1)
         ${ssh} zfs send ${flags} -I $last $head | zfs receive -u -s ${home}; zfs mount ${home}`,
      ),
  },
  {
    name: 'login, first pull of 256 MiB',
    host: 'mac-b',
    aim: 1.1,
    // The first that runs on this Mac: an emulator that has yet to translate a program takes seconds more, which no Mac does.
    isCold: true,
    prepare: () => sh('mac-b', `zfs unmount ${home} || true; zfs destroy -r ${home} || true`),
    product: () => timed('mac-b', roamhome('login')),
    floor: () =>
      timed(
        'mac-b',
        `head=$(${ssh} zfs list -H -t snapshot -o name -s createtxg ${home} | tail -n 1)
         ${ssh} zfs send ${flags} $head | zfs receive -u -s -o canmount=noauto ${home}
         zfs set mountpoint=/Users/alice atime=off ${home}; zfs mount ${home}`,
      ),
  },
  {
    name: 'thin 400 of 500 snapshots, zfs destroy of each',
    host: 'server',
    aim: 0.9,
    rounds: 1,
    prepare: makeThinnable,
    product: thin400,
    floor: () => timed('server', `for i in ${oldest400.join(' ')}; do zfs destroy ${thinnable}@$i; done`),
  },
  {
    name: 'thin 400 of 500 snapshots, one zfs destroy and a start of node',
    host: 'server',
    aim: 1.3,
    rounds: Math.min(rounds, 2),
    prepare: makeThinnable,
    product: thin400,
    floor: () => timed('server', `node -e 0; zfs destroy ${thinnable}@${oldest400.join(',')}`),
  },
  {
    name: 'thin 400 of 500 snapshots, the same by hand: a start of node, a list, 400 bookmarks, one zfs destroy',
    host: 'server',
    aim: 1.3,
    rounds: 1,
    prepare: makeThinnable,
    product: thin400,
    floor: () =>
      timed(
        'server',
        `node -e 0; zfs list -Hp -t snapshot,bookmark -o name,guid,createtxg,creation,userrefs,clones ${thinnable}
         ${mark400}zfs destroy ${thinnable}@${oldest400.join(',')}`,
      ),
  },
];

function startUp() {
  const once = (args) => {
    const started = process.hrtime.bigint();
    execFileSync(process.execPath, args, { stdio: 'ignore' });
    return Number(process.hrtime.bigint() - started) / 1e9;
  };
  const [product, floor] = [[], []];
  for (let i = 0; i < 4 * rounds; i++) {
    product.push(once(['dist/main.js', '--version']));
    floor.push(once(['-e', '0']));
  }
  return { name: 'roamhome --version beside node -e 0 (native)', aim: 2.5, product, floor };
}

function measure({ name, host, aim, prepare, product, floor, isCold = false, rounds: own = rounds }) {
  const [mine, theirs] = [[], []];
  for (const turn of isCold ? [product, floor] : []) {
    prepare();
    turn();
  }
  for (let i = 0; i < own; i++) {
    for (const [turn, times] of [
      [product, mine],
      [floor, theirs],
    ]) {
      prepare();
      settle(host);
      times.push(turn());
    }
    process.stderr.write(`${name}: ${mine.at(-1).toFixed(2)} s, floor ${theirs.at(-1).toFixed(2)} s\n`);
  }
  return { name, aim, product: mine, floor: theirs };
}

lab('reset', 'installed');
// Thinning runs on the server too.
execFileSync(`${import.meta.dirname}/lab`, ['exec', 'server', '--', 'tar', '-C', '/usr/local/lib', '-xz'], {
  input: readFileSync(`${import.meta.dirname}/../build/roamhome.tgz`),
});
sh('server', 'ln -sf ../lib/roamhome/dist/main.js /usr/local/bin/roamhome');
sh(
  'mac-a',
  `zfs create -o canmount=noauto -o mountpoint=/Users/alice -o atime=off ${home}; zfs mount ${home}
   ${write(256, '/Users/alice/big')}; chown -R alice:zfs_mobile_sync /Users/alice; ${roamhome('logout')}; ${roamhome('login')}`,
);
const results = [startUp(), ...cases.filter(({ name }) => name.includes(wanted)).map(measure)];

const accel = JSON.parse(lab('status', '--json'));
const row = (...cells) => console.log(`| ${cells.join(' | ')} |`);
console.log(
  `\n${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model ?? '?'} × ${cpus().length}, Node ${process.version}`,
);
console.log(`Lab: ${JSON.stringify(accel)}\n`);
row('what', 'Roamhome, s', 'floor, s', 'ratio', 'aim', 'rounds');
row('---', '---', '---', '---', '---', '---');
for (const { name, aim, product, floor } of results) {
  const [mine, theirs] = [median(product), median(floor)];
  row(name, mine.toFixed(2), theirs.toFixed(2), (mine / theirs).toFixed(2), `≤ ${aim}`, product.length);
}
