import { acceptsNothing, wantedSshd, type Restriction } from './wanted-server.ts';

/** What sshd does for a user, by lower-case names. A setting that may be given several times is joined by blanks. */
export type SshdSettings = ReadonlyMap<string, string>;

/** Something that lets somebody into the account, or past its restriction. */
export interface WayIn {
  readonly keyword: string;
  readonly is: string;
  readonly wanted: string;
  readonly why: string;
}

/** The words of `sshd -T` for somebody who comes from anywhere: addresses of the documentation range (RFC 5737) match no rule. Pure. */
export function sshdQuestion(user: string): readonly string[] {
  return ['-T', '-C', `user=${user},host=mac.invalid,addr=192.0.2.1`];
}

/** What `sshd -T` prints: a setting a line. Pure. */
export function parseSshd(text: string): SshdSettings {
  const settings = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [name = ''] = line.split(' ', 1);
    const value = line.slice(name.length + 1);
    if (name === '') continue;
    const before = settings.get(name);
    settings.set(name, before === undefined ? value : `${before} ${value}`);
  }
  return settings;
}

const guessed = 'a password can be guessed';
const otherProof = 'somebody gets in without a key of authorized_keys, and past what stands before each';

/** Of what provisioning sets, that without which somebody gets in or gets a prompt; and why. Forwarding is for each key's `restrict` to end. */
const vital: Readonly<Record<string, string>> = {
  PasswordAuthentication: guessed,
  KbdInteractiveAuthentication: guessed,
  PermitEmptyPasswords: guessed,
  HostbasedAuthentication: otherProof,
  GSSAPIAuthentication: otherProof,
  KerberosAuthentication: otherProof,
  AuthorizedKeysCommand: 'a key that it gives lets somebody in past the restriction',
  TrustedUserCAKeys: 'a certificate of that authority lets somebody in past the restriction',
  PermitTTY: 'a restricted shell gives whoever has a terminal a prompt',
  PermitTunnel: 'a key reaches other machines from here',
  ForceCommand: 'it runs in place of the gate, whatever stands before a key',
};

/** Whether somebody gets in, or gets a prompt, without it. Pure. */
export function isVital(keyword: string): boolean {
  return keyword in vital;
}

/** What sshd has where it does not print a setting, because it was built without it. */
const absent: Readonly<Record<string, string>> = {
  GSSAPIAuthentication: 'no',
  KerberosAuthentication: 'no',
};

/** Variables by which whoever sets them has another program than the one that is meant run. */
const dangerous = [
  ...['NODE_OPTIONS', 'NODE_PATH', 'NODE_EXTRA_CA_CERTS', 'LD_PRELOAD', 'LD_LIBRARY_PATH', 'LD_AUDIT'],
  ...['BASH_ENV', 'ENV', 'PATH', 'PYTHONPATH', 'PYTHONHOME', 'PYTHONSTARTUP', 'PERL5LIB', 'PERL5OPT', 'IFS'],
];

/** Everything that lets somebody into the account, or past its restriction, in what sshd does for it. Pure. */
export function waysIn(settings: SshdSettings, restriction: Restriction): readonly WayIn[] {
  const wanted = Object.entries(wantedSshd('', restriction)).flatMap(([keyword, value]): readonly WayIn[] => {
    const why = vital[keyword];
    const is = settings.get(keyword.toLowerCase()) ?? absent[keyword] ?? 'unset';
    return why === undefined || is === value ? [] : [{ keyword, is, wanted: value, why }];
  });
  return [...wanted, ...environmentWays(settings), ...fileWays(settings, restriction)];
}

function environmentWays(settings: SshdSettings): readonly WayIn[] {
  const patterns = (settings.get('acceptenv') ?? '').split(' ').filter((one) => one !== '');
  const open = patterns.filter((pattern) => dangerous.some((name) => matchesPattern(pattern, name)));
  return open.length === 0
    ? []
    : [
        {
          ...{ keyword: 'AcceptEnv', is: open.join(' '), wanted: acceptsNothing },
          why: 'a client sets what has the restriction run its own program',
        },
      ];
}

function fileWays(settings: SshdSettings, restriction: Restriction): readonly WayIn[] {
  const [, ...more] = (settings.get('authorizedkeysfile') ?? '').split(' ').filter((one) => one !== '');
  // Beside the first by default (sshd_config(5)).
  const other = more.filter((path) => path !== '.ssh/authorized_keys2');
  const sftp = /(?:^| )sftp (internal-sftp)\b/.exec(settings.get('subsystem') ?? '');
  const isUserEnvironment = (settings.get('permituserenvironment') ?? 'no') !== 'no';
  return [
    ...(other.length === 0
      ? []
      : [
          {
            ...{ keyword: 'AuthorizedKeysFile', is: more.join(' '), wanted: 'one file' },
            why: 'a key in another file lets somebody in past the restriction',
          },
        ]),
    // The gate is the forced command of a subsystem too.
    ...(restriction === 'lshell' && sftp !== null
      ? [
          {
            ...{ keyword: 'Subsystem', is: 'sftp internal-sftp', wanted: 'a program' },
            why: 'sshd serves files itself, without asking lshell',
          },
        ]
      : []),
    ...(isUserEnvironment
      ? [
          {
            ...{ keyword: 'PermitUserEnvironment', is: settings.get('permituserenvironment') ?? '' },
            ...{
              wanted: 'no',
              why: 'a file of the account sets what has the restriction run its own program',
            },
          },
        ]
      : []),
  ];
}

/** `*` and `?` as sshd has them (ssh_config(5), PATTERNS). Pure. */
function matchesPattern(pattern: string, name: string): boolean {
  const source = pattern
    .replaceAll(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(name);
}
