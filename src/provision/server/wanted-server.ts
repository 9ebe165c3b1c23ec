import { childOf, parseDatasetName, type DatasetName } from '../../zfs/names.ts';

/** How the account of the Macs is kept to what it is for. */
export type Restriction = 'lshell' | 'gate';

/** What a server is to be: all that the definitions of what is wanted depend on. */
export interface ServerSetup {
  readonly root: DatasetName;
  readonly conflictsRoot: DatasetName;
  /** Whom the Macs log in as. */
  readonly account: string;
  readonly group: string;
  readonly restriction: Restriction;
  /** For whose homes the names of files are: fixed when the dataset of the homes is made; null: nobody has said. */
  readonly names: 'macs' | 'linux' | null;
  /** Why it is this one, in words. */
  readonly because: string;
}

/** The homes of a pool are in `POOL/profiles`; POOL may be a dataset too. Pure; throws `name-invalid`. */
export function serverSetup(
  pool: string,
  {
    user,
    group,
    restriction,
    because,
    names = null,
  }: Pick<ServerSetup, 'group' | 'restriction' | 'because'> &
    Partial<Pick<ServerSetup, 'names'>> & { readonly user: string },
): ServerSetup {
  const parent = parseDatasetName(pool);
  return {
    root: childOf(parent, 'profiles'),
    conflictsRoot: childOf(parent, 'profiles-conflicts'),
    account: user,
    ...{ group, restriction, because, names },
  };
}

/** Where a new account's `.ssh` is. Nothing in it is the account's own: it has no say in who may log in. Pure. */
export function newAccountHome(account: string): string {
  return `/var/lib/${account}`;
}

/** Where the keys of the Macs are, in a home. Pure. */
export function authorizedKeysPath(home: string): string {
  return `${home}/.ssh/authorized_keys`;
}

/**
 * What the account may do on a dataset of homes and on one of branches. `canAppend`: this zfs knows `receive:append`, with
 * which nothing that is there can be received over (docs/security.md). Pure.
 */
export function wantedPermissions(canAppend: boolean): readonly string[] {
  return [
    canAppend ? 'receive:append' : 'receive',
    ...['create', 'mount', 'userprop', 'bookmark', 'snapshot', 'send', 'hold'],
  ];
}

/** sshd's part, and where it is. */
export const sshdDropIn = '/etc/ssh/sshd_config.d/roamhome.conf';

/** Within a Match block AcceptEnv cannot be empty, yet it takes the place of what holds outside: a name that nobody sends. */
export const acceptsNothing = 'ROAMHOME_TAKES_NOTHING';

/**
 * What sshd is to hold to with the account, by its keywords: nobody is let in but by a key of that one file, whatever holds for
 * others (sshd_config(5) says which keywords a Match block may have). Pure.
 */
export function wantedSshd(home: string, restriction: Restriction): Readonly<Record<string, string>> {
  return {
    AuthenticationMethods: 'publickey',
    PubkeyAuthentication: 'yes',
    AuthorizedKeysFile: authorizedKeysPath(home),
    // A directory service's keys and a site's certificates are for people: they would have no `restrict` and no gate.
    AuthorizedKeysCommand: 'none',
    TrustedUserCAKeys: 'none',
    AuthorizedPrincipalsFile: 'none',
    AuthorizedPrincipalsCommand: 'none',
    PasswordAuthentication: 'no',
    KbdInteractiveAuthentication: 'no',
    PermitEmptyPasswords: 'no',
    HostbasedAuthentication: 'no',
    GSSAPIAuthentication: 'no',
    KerberosAuthentication: 'no',
    // It would run in place of the command that stands before a key, which is the gate. lshell is the shell: it gets this one too.
    ...(restriction === 'gate' && { ForceCommand: 'none' }),
    PermitTTY: 'no',
    PermitUserRC: 'no',
    AcceptEnv: acceptsNothing,
    DisableForwarding: 'yes',
    PermitTunnel: 'no',
    MaxSessions: '10',
    // It notices within 20 s that a Mac has lost its power: until then its transfer blocks the home.
    ClientAliveInterval: '5',
    ClientAliveCountMax: '3',
  };
}

/** Keywords of parts that sshd can be built without: it would complain of them at each connection. */
const optionalKeywords: readonly string[] = ['GSSAPIAuthentication', 'KerberosAuthentication'];

/** The text of that file. `known`: the settings that this sshd prints, by lower-case names. Pure. */
export function sshdDropInText(
  account: string,
  { home, restriction }: { readonly home: string; readonly restriction: Restriction },
  known: { has(keyword: string): boolean },
): string {
  const lines = Object.entries(wantedSshd(home, restriction))
    .filter(([keyword]) => !optionalKeywords.includes(keyword) || known.has(keyword.toLowerCase()))
    .map(([keyword, value]) => `  ${keyword} ${value}`);
  return [
    '# Written by `roamhome provision server`, which writes it anew.',
    `Match User ${account}`,
    ...lines,
    '',
  ].join('\n');
}
