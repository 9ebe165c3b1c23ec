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
}

/** The homes of a pool are in `POOL/profiles`; POOL may be a dataset too. Pure; throws `name-invalid`. */
export function serverSetup(
  pool: string,
  {
    user,
    group,
    restriction,
  }: { readonly user: string; readonly group: string; readonly restriction: Restriction },
): ServerSetup {
  const parent = parseDatasetName(pool);
  return {
    root: childOf(parent, 'profiles'),
    conflictsRoot: childOf(parent, 'profiles-conflicts'),
    account: user,
    group,
    restriction,
  };
}

/** Where a new account's `.ssh` is. Nothing in it is the account's own: it has no say in who may log in. Pure. */
export function accountHome(account: string): string {
  return `/var/lib/${account}`;
}

/** What such an account is started with at a login. sshd hands the forced command of the gate to a shell. Pure. */
export function accountShell(restriction: Restriction, lshell: string): string {
  return restriction === 'gate' ? '/bin/sh' : lshell;
}
