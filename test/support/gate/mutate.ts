import { encodeToken } from '../../../src/simulator/stream/token.ts';
import type { Policy } from '../../../src/gate/policy.ts';

/** Numbers in [0, 1) that a seed decides (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Random = () => number;

const pick = <T>(random: Random, from: readonly T[]): T => {
  const one = from[Math.floor(random() * from.length)];
  if (one === undefined) throw new Error('nothing to pick from');
  return one;
};

const users = ['alice', 'bob', 'al', 'al-ice', 'a.b', '_x', 'mallory'];
const macs = ['mac7', 'mac-a', 'ice-mac7', 'mac8'];
const shorts = ['roamhome-20261120T064500.123Z-mac7', '2026-11-20-064500', 'a', 'b-1234'];
const children = ['', '', '', '/mail', '/mail/old', '/a:b', '/roamhome-excluded-0123456789abcdef'];

/** A command line as Roamhome sends them, about anybody's home: legal for some policy, if not for every one. */
export function anyLine(random: Random, { homes, conflicts }: Policy): string {
  const user = pick(random, users);
  const home = `${homes}/${user}${pick(random, children)}`;
  const stamp = pick(random, ['20261120T064500Z', '20261120T064500Z-1234567890123456789']);
  const branch = `${conflicts}/${user}-${pick(random, macs)}-${stamp}${pick(random, children)}`;
  const place = pick(random, [home, home, branch, homes, conflicts]);
  const source = pick(random, [home, branch]);
  const snapshot = (of: string): string => `${of}@${pick(random, shorts)}`;
  const columns =
    'name,type,guid,createtxg,creation,written,receive_resume_token,mounted,roamhome:sync,roamhome:sendflags,mountpoint,canmount,readonly,origin,roamhome:session';
  const flags = pick(random, ['', '-L -e -c ', '-w ']);
  const base = pick(random, ['', `-i ${snapshot(source)} `, `-i ${source}#old `, `-I ${snapshot(source)} `]);
  const options = pick(random, ['', `-o origin=${snapshot(home)} `, `-o roamhome:conflict=${user} `]);
  const setting = pick(random, [
    `roamhome:session=${pick(random, macs)},2026-11-20T06:45:00Z`,
    `roamhome:sendflags=${pick(random, ['none', 'Lec', 'w'])}`,
    `roamhome:excluded=${pick(random, ['none', 'Library/Caches', 'a,b%0A/c', 'e%CC%81'])}`,
  ]);
  return pick(random, [
    () => `zfs list -Hp -t filesystem,snapshot,bookmark -o ${columns} -s createtxg -r ${place}`,
    () => `zfs list -Hp -t snapshot,bookmark -o name,guid -r ${place} ${home}`,
    () =>
      `zfs list -Hp -t filesystem,snapshot,bookmark -o name,type,guid,snapshots_changed,roamhome:session -r ${home}`,
    () => `zfs allow ${pick(random, [homes, conflicts])}`,
    () => `zfs list -Hp -o roamhome:session ${home}`,
    () => `zfs send -P -v ${flags}${base}${snapshot(source)}`,
    () => `zfs send -P -v -t ${tokenOf(random, snapshot(source))}`,
    () => `zfs receive -u -s ${pick(random, [home, branch, snapshot(home), snapshot(branch)])}`,
    () => `zfs receive -u -s ${options}-o origin=${snapshot(home)} ${branch}`,
    () => `zfs receive -u -s -o roamhome:conflict=${user} ${branch}`,
    () => `zfs receive -u -s -o roamhome:sendflags=${pick(random, ['none', 'Lec', 'w'])} ${homes}/${user}`,
    () => `zfs snapshot ${home}@roamhome-as-${pick(random, ['7', '18446744073709551615', 'x'])}`,
    () => `zfs set ${setting} ${homes}/${user}`,
    () => `zfs inherit roamhome:session ${homes}/${user}`,
  ])();
}

const tokens = new Map<string, string>();

function tokenOf(random: Random, toname: string): string {
  const fromguid = random() < 0.5 ? null : '77';
  const key = `${toname} ${String(fromguid)}`;
  const token =
    tokens.get(key) ??
    encodeToken({ toguid: '18446744073709551615', fromguid, toname, bytes: 4096, flags: ['L', 'e', 'c'] });
  tokens.set(key, token);
  return token;
}

const characters = [
  ...Array.from(';|&$`"\'\\<>(){}[]*?!~^%@#=,/.:-+_aZ09 \t\n\r\0\u001b\u007f'),
  ...['\u00a0', '\u2028', '\u202e', '\u200b', '\uff0f', '\u0430', '\u0301', '\ud800', '😀'],
];

const names = [
  ...[
    'data',
    '/',
    '..',
    '.',
    '',
    'data/other',
    'data/profiles/..',
    'data/profiles/../other',
    'data/profilesx/alice',
  ],
  ...[
    'data/profiles',
    'data/profiles/alice/..',
    'data/profiles//alice',
    'data/profiles/alice/',
    '/data/profiles/alice',
  ],
  ...[
    'data/profiles/alice@',
    'data/profiles/alice@a@b',
    'data/profiles/alice@a,b',
    'data/profiles/alice@a%b',
    'data/profiles/alice@%',
  ],
  ...[
    'data/profiles/alice/%recv',
    'data/profiles/alice#a',
    'data/profiles/alice@..',
    'DATA/profiles/alice',
    'data/profiles/al*',
  ],
  ...[
    'data/profiles-conflicts/alice-mac8-20261120T064500Z',
    'data/profiles-conflicts/next/alice',
    'data/profiles-conflicts/-mac7-20261120T064500Z',
  ],
  ...[
    'data/profiles/-alice',
    '-data/profiles/alice',
    'rpool/profiles/alice',
    'origin=rpool/x@a',
    'roamhome:conflict=',
    'roamhome:conflict=root',
  ],
  ...[
    'roamhome:excluded=',
    'roamhome:excluded=Library/Caches,../x',
    'roamhome:excluded=%2e%2e/x',
    'roamhome:excluded=%FF',
    'roamhome:session=',
    'roamhome:session=mac8,2026-11-20T06:45:00Z',
    'roamhome:session=mac7,2026-13-40T99:99:99Z',
    'mountpoint=/',
    'canmount=on',
  ],
];

const options = [
  ...[
    '-F',
    '-R',
    '-r',
    '-A',
    '-d',
    '-e',
    '-M',
    '-n',
    '-p',
    '-h',
    '-x',
    '-o',
    '-w',
    '-b',
    '-s',
    '-t',
    '-i',
    '-I',
    '-D',
    '-S',
    '-V',
    '-X',
    '--',
    '-',
  ],
  ...[
    '--help',
    '--props',
    '--raw',
    '--redact',
    '-vnP',
    '-Fu',
    '-us',
    '-Hpr',
    '-oorigin=x',
    '-tfilesystem',
    '-o=x',
    '-\u200bF',
    '-u-s',
  ],
];

const verbs = [
  ...[
    'destroy',
    'rollback',
    'rename',
    'promote',
    'allow',
    'unallow',
    'hold',
    'release',
    'snapshot',
    'bookmark',
    'create',
    'clone',
    'diff',
  ],
  ...[
    'mount',
    'unmount',
    'program',
    'load-key',
    'change-key',
    'share',
    'upgrade',
    'get',
    'set',
    'inherit',
    'recv',
    'redact',
    'LIST',
    'zfs',
  ],
];

const wraps: readonly ((line: string, other: string) => string)[] = [
  (line, other) => `${line} && ${other}`,
  (line, other) => `${line}\n${other}`,
  (line, other) => `${line};${other}`,
  (line, other) => `${line} ${other}`,
  (line) => `LC_ALL=C ${line}`,
  (line) => `PATH=/tmp ${line}`,
  (line) => `/usr/sbin/${line}`,
  (line) => `sudo ${line}`,
  (line) => ` ${line}`,
  (line) => `${line} `,
  (line) => line.replace(' ', '  '),
  (line) => line.toUpperCase(),
  (line) => `${line} -F`,
  (line) => line.slice(4),
];

/** The line with something done to it, once or several times. */
export function mutate(random: Random, line: string, other: string): string {
  let mutated = line;
  for (let times = 1 + Math.floor(random() * 3); times > 0; times--)
    mutated = mutateOnce(random, mutated, other);
  return mutated;
}

function mutateOnce(random: Random, line: string, other: string): string {
  const words = line.split(' ');
  const at = Math.floor(random() * words.length);
  const word = words[at] ?? '';
  const place = Math.floor(random() * (line.length + 1));
  const inWord = Math.floor(random() * (word.length + 1));
  const put = (...replacement: readonly string[]): string => words.toSpliced(at, 1, ...replacement).join(' ');
  return pick(random, [
    () => line.slice(0, place) + pick(random, characters) + line.slice(place),
    () => line.slice(0, place) + pick(random, characters) + line.slice(place + 1),
    () => line.slice(0, place) + line.slice(place + 1),
    () => put(),
    () => put(word, word),
    () => put(pick(random, names)),
    () => put(pick(random, options), word),
    () => put(word, pick(random, options)),
    () => put(pick(random, options)),
    () => put(pick(random, other.split(' '))),
    () => put(word.slice(0, inWord) + pick(random, names) + word.slice(inWord)),
    () => put(`${word}/${pick(random, names)}`),
    () => put(pick(random, names) + word),
    () => words.with(Math.min(1, words.length - 1), pick(random, verbs)).join(' '),
    () => words.toReversed().join(' '),
    () => pick(random, wraps)(line, other),
    () => put(word.repeat(1 + Math.floor(random() * 40))),
    () => put(word + 'x'.repeat(Math.floor(random() * 300))),
    () => (random() < 0.002 ? line + ` ${word}`.repeat(20_000) : put(word, word, word)),
  ])();
}
