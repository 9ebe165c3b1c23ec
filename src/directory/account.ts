import { RoamhomeError } from '../errors/errors.ts';
import type { Attributes } from './change.ts';
import { isOfClass, valuesOf, type DirectoryEntry } from './connection.ts';
import type { DirectorySettings } from './settings.ts';
import { escapeFilter } from './text.ts';

/** A user as the directory has them. */
export interface DirectoryAccount {
  readonly dn: string;
  readonly user: string;
  readonly uidNumber: number;
  readonly gidNumber: number;
  readonly homeDirectory: string;
}

/** What is asked for of a user. `uidNumber` null: the next free one. */
export interface AccountRequest {
  readonly user: string;
  readonly uidNumber: number | null;
  readonly fullName: string | null;
  readonly mail: string | null;
}

export const accountAttributes = [
  'objectClass',
  'uid',
  'cn',
  'uidNumber',
  'gidNumber',
  'homeDirectory',
] as const;

/** Finds a user's entries, wherever they are below the base, whatever they are. Pure. */
export function entriesOf(user: string): string {
  return `(uid=${escapeFilter(user)})`;
}

/** Reads an entry. Throws `directory-taken` for one that is no posixAccount, or not a whole one. Pure. */
export function readAccount(entry: DirectoryEntry, user: string): DirectoryAccount {
  const number = (attribute: string): number => {
    const [value, ...more] = valuesOf(entry, attribute);
    if (value === undefined || more.length > 0 || !/^\d{1,10}$/.test(value))
      throw taken(entry, user, `its ${attribute} is ${value ?? 'not there'}`);
    return Number(value);
  };
  // The directory finds Alice for alice: elsewhere they are two.
  const names = valuesOf(entry, 'uid');
  if (!names.includes(user)) throw taken(entry, user, `it is called ${names.join(', ')}`);
  if (!isOfClass(entry, 'posixAccount')) throw taken(entry, user, 'it is no posixAccount');
  return {
    dn: entry.dn,
    user,
    uidNumber: number('uidNumber'),
    gidNumber: number('gidNumber'),
    homeDirectory: valuesOf(entry, 'homeDirectory')[0] ?? '',
  };
}

function taken({ dn }: DirectoryEntry, user: string, why: string): RoamhomeError {
  return new RoamhomeError({
    code: 'directory-taken',
    message: `${user} is in the directory as ${dn}, which cannot be used: ${why}`,
    remedy: 'Complete that entry, or choose another name. It was left as it is.',
  });
}

/** Where machines that ask the directory expect the home; `add` writes it, and so does `move`. Pure. */
export function homeDirectoryOf(user: string, { homeBase }: Pick<DirectorySettings, 'homeBase'>): string {
  return `${homeBase}/${user}`;
}

/** An entry that was there already may have another; null: it has not. Pure. */
export function homeDirectoryMistake(
  { user, homeDirectory }: Pick<DirectoryAccount, 'user' | 'homeDirectory'>,
  settings: Pick<DirectorySettings, 'homeBase'>,
): string | null {
  const wanted = homeDirectoryOf(user, settings);
  return homeDirectory === wanted
    ? null
    : `the home directory is ${homeDirectory === '' ? 'not there' : homeDirectory}, not ${wanted} (directory.homeBase)`;
}

/** Where a new user's entry is. Pure. */
export function accountDn(user: string, { usersDn }: Pick<DirectorySettings, 'usersDn'>): string {
  return `uid=${user},${usersDn}`;
}

/** A new user's entry. sn and cn have to be there (RFC 2798): the user's name where no other is given. Pure. */
export function newAccount(
  { user, fullName, mail }: AccountRequest,
  ids: { readonly uidNumber: number; readonly gidNumber: number },
  { homeBase, loginShell }: Pick<DirectorySettings, 'homeBase' | 'loginShell'>,
): Attributes {
  const name = fullName?.trim().split(/\s+/) ?? [user];
  return {
    objectClass: ['top', 'inetOrgPerson', 'posixAccount'],
    uid: [user],
    cn: [name.join(' ')],
    sn: [name.at(-1) ?? user],
    ...(name.length > 1 ? { givenName: [name.slice(0, -1).join(' ')] } : {}),
    ...(mail === null ? {} : { mail: [mail] }),
    uidNumber: [String(ids.uidNumber)],
    gidNumber: [String(ids.gidNumber)],
    homeDirectory: [homeDirectoryOf(user, { homeBase })],
    loginShell: [loginShell],
  };
}

/** `directory-taken`: the number that was asked for is another’s. Pure. */
export function numberTaken(uidNumber: number, holder: string): RoamhomeError {
  return new RoamhomeError({
    code: 'directory-taken',
    message: `the uid number ${uidNumber} is taken: ${holder} has it`,
    remedy: 'Leave --uid out to get the next free one, or choose another. Nothing was added.',
  });
}
