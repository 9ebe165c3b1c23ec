import { RoamhomeError } from '../errors/errors.ts';
import { accountAttributes, entriesOf, readAccount, type DirectoryAccount } from './account.ts';
import type { DirectoryConnection } from './connection.ts';
import { groupAttributes, readGroup, type DirectoryGroup } from './group.ts';
import type { DirectorySettings } from './settings.ts';
import { parentDn } from './text.ts';
import { holdersOf } from './uid-numbers.ts';

/** What the directory has of a user, and of what a user needs. */
export interface DirectoryView {
  readonly account: DirectoryAccount | null;
  readonly group: DirectoryGroup | null;
  /** The entries that users and the group are below, where these are not there; the upper ones first. */
  readonly missingContainers: readonly string[];
  /** Who else has the user's number, or the one that is asked for: their DNs. */
  readonly holders: readonly string[];
}

/** Looks a user up. `uidNumber`: the one that is asked for. Throws `directory-taken` for an entry that cannot be the user's, or several. */
export async function observeUser(
  directory: DirectoryConnection,
  settings: DirectorySettings,
  user: string,
  uidNumber: number | null = null,
): Promise<DirectoryView> {
  const { baseDn, usersDn, groupDn } = settings;
  const [entries, group, missing] = await Promise.all([
    directory.search({
      base: baseDn,
      scope: 'tree',
      filter: entriesOf(user),
      attributes: accountAttributes,
    }),
    observeGroup(directory, settings),
    Promise.all([...new Set([usersDn, parentDn(groupDn)])].map((dn) => missingOf(directory, dn, baseDn))),
  ]);
  const [entry, ...more] = entries;
  if (more.length > 0) {
    throw new RoamhomeError({
      code: 'directory-taken',
      message: `${user} is in the directory more than once: ${entries.map(({ dn }) => dn).join(', ')}`,
      remedy: 'Remove or rename all but one of them, and run this again.',
    });
  }
  const account = entry === undefined ? null : readAccount(entry, user);
  const number = account?.uidNumber ?? uidNumber;
  const holders = number === null ? [] : await holdersOf(directory, settings, number);
  return {
    account,
    holders: holders.filter((dn) => dn !== account?.dn),
    group,
    missingContainers: [...new Set(missing.flat())],
  };
}

/** The group whose members are synced; null: it is not there. Throws `directory-incomplete`. */
export async function observeGroup(
  directory: DirectoryConnection,
  { groupDn }: DirectorySettings,
): Promise<DirectoryGroup | null> {
  const [entry] = await directory.search({
    base: groupDn,
    scope: 'entry',
    filter: '(objectClass=*)',
    attributes: groupAttributes,
  });
  return entry === undefined ? null : readGroup(entry);
}

/** The entry, if it is not there, and what is above it and below the base and not there either. */
async function missingOf(
  directory: DirectoryConnection,
  dn: string,
  baseDn: string,
): Promise<readonly string[]> {
  const found = await directory.search({
    base: dn,
    scope: 'entry',
    filter: '(objectClass=*)',
    attributes: ['1.1'],
  });
  if (found.length > 0) return [];
  // The base is the directory's own: whoever set it up makes it.
  if (dn.length <= baseDn.length) {
    throw new RoamhomeError({
      code: 'directory-incomplete',
      message: `the directory has no ${baseDn}, or does not show it`,
      remedy: 'Correct directory.baseDn.',
    });
  }
  return [...(await missingOf(directory, parentDn(dn), baseDn)), dn];
}
