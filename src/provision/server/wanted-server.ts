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
  }: Pick<ServerSetup, 'group' | 'restriction' | 'because'> & { readonly user: string },
): ServerSetup {
  const parent = parseDatasetName(pool);
  return {
    root: childOf(parent, 'profiles'),
    conflictsRoot: childOf(parent, 'profiles-conflicts'),
    account: user,
    ...{ group, restriction, because },
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

/** What sshd is to hold to with the account, by its keywords. Pure. */
export function wantedSshd(home: string): Readonly<Record<string, string>> {
  return {
    AuthenticationMethods: 'publickey',
    AuthorizedKeysFile: authorizedKeysPath(home),
    PasswordAuthentication: 'no',
    KbdInteractiveAuthentication: 'no',
    PermitTTY: 'no',
    PermitUserRC: 'no',
    DisableForwarding: 'yes',
    PermitTunnel: 'no',
    // It notices within 20 s that a Mac has lost its power: until then its transfer blocks the home.
    ClientAliveInterval: '5',
    ClientAliveCountMax: '3',
  };
}

/** The text of that file. Pure. */
export function sshdDropInText(account: string, home: string): string {
  const lines = Object.entries(wantedSshd(home)).map(([keyword, value]) => `  ${keyword} ${value}`);
  return [
    '# Written by `roamhome provision server`, which writes it anew.',
    `Match User ${account}`,
    ...lines,
    '',
  ].join('\n');
}
