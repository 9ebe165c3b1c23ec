/** Where lshell is to look for zfs. */
export interface ZfsPlaces {
  /** Before all others: where the gate stands for zfs; null: it does not. */
  readonly first: string | null;
  /** Where zfs is; null: in a usual place. */
  readonly zfs: string | null;
}

/**
 * What no command of Roamhome has in it (host/remote-words.ts), and what lshell would hand to bash: quotes, expansions, more than one
 * command, and a variable in front of zfs. Without the last three a client sets variables for bash itself: `PS4=… && SHELLOPTS=xtrace &&
 * zfs list` ran any program (lshell 0.11.1, docs/lab.md). `&` and `|` alone do not stand for those that are doubled.
 */
const forbidden: readonly string[] = [
  ...[';', '&', '|', '`', '>', '<', '$', '"', "'", '\\'],
  ...['&&', '||', ' zfs '],
];

/** As lshell reads it: a literal of Python's. */
function pythonWord(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\');
  return text.includes("'") ? `"${escaped}"` : `'${escaped}'`;
}

/**
 * What lshell is to hold to with the account, in its own words, measured with lshell 0.11.1. The first two let nothing but zfs
 * through, on a command line of SSH too. It wants `forbidden` and `warning_counter` in the section or in [default]. The
 * others are said again lest a [default] allows more.
 */
function wantedLshell({ first, zfs }: ZfsPlaces): Readonly<Record<string, string>> {
  const standard = ['/usr/sbin', '/sbin', '/usr/local/sbin'];
  // sshd's PATH has no sbin. A colon in front would make lshell refuse everything.
  const path = [
    ...(first === null ? [] : [first]),
    ...standard,
    ...(zfs === null || standard.includes(zfs) ? [] : [zfs]),
  ];
  return {
    allowed: "['zfs']",
    overssh: "['zfs']",
    forbidden: `[${forbidden.map(pythonWord).join(', ')}]`,
    warning_counter: '2',
    sudo_commands: '[]',
    scp: '0',
    sftp: '0',
    env_path: `'${path.join(':')}'`,
  };
}

/** lshell dies without it; the directory need not be there. */
const logPath = 'logpath : /var/log/lshell/';

/**
 * The configuration with the account's section as it is to be, and a [global] that lshell can read; all else stays as it is.
 * `''`: there is no file. Pure.
 */
export function withLshellSection(
  text: string,
  account: string,
  places: ZfsPlaces = { first: null, zfs: null },
): string {
  const section = [
    `[${account}]`,
    '# Written by `roamhome provision server`, which writes this section anew.',
    ...Object.entries(wantedLshell(places)).map(([key, value]) => `${key} : ${value}`),
  ];
  const lines = withGlobal(text.trimEnd() === '' ? ['[default]'] : text.trimEnd().split('\n'));
  const start = lines.findIndex((line) => line.trim() === `[${account}]`);
  if (start < 0) return [...lines, '', ...section, ''].join('\n');
  const next = lines.findIndex((line, index) => index > start && /^\[.*\]\s*$/.test(line));
  const after = next < 0 ? [] : ['', ...lines.slice(next)];
  return [...lines.slice(0, start), ...section, ...after, ''].join('\n');
}

function withGlobal(lines: readonly string[]): readonly string[] {
  const start = lines.findIndex((line) => line.trim() === '[global]');
  if (start < 0) return ['[global]', logPath, '', ...lines];
  const next = lines.findIndex((line, index) => index > start && /^\[.*\]\s*$/.test(line));
  const own = lines.slice(start, next < 0 ? undefined : next);
  if (own.some((line) => /^logpath\s*[:=]/i.test(line))) return lines;
  return [...lines.slice(0, start + 1), logPath, ...lines.slice(start + 1)];
}
