import { RoamhomeError } from '../errors/errors.ts';
import type { Attributes, DirectoryChange } from './change.ts';
import { isOfClass, valuesOf, type DirectoryEntry } from './connection.ts';
import type { DirectoryAccount } from './account.ts';
import { sameDn } from './text.ts';

/** The group whose members are synced, as the directory has it. */
export interface DirectoryGroup {
  readonly dn: string;
  readonly gidNumber: number | null;
  /** Which attribute lists members, and whether by name or by DN (RFC 2307, RFC 4519). */
  readonly attribute: 'memberUid' | 'member' | 'uniqueMember';
  readonly members: readonly string[];
}

export const groupAttributes = [
  'objectClass',
  'cn',
  'gidNumber',
  'memberUid',
  'member',
  'uniqueMember',
] as const;

/** Reads the group's entry. Throws `directory-incomplete` for one that lists no members. Pure. */
export function readGroup(entry: DirectoryEntry): DirectoryGroup {
  const attribute = isOfClass(entry, 'groupOfNames')
    ? 'member'
    : isOfClass(entry, 'groupOfUniqueNames')
      ? 'uniqueMember'
      : isOfClass(entry, 'posixGroup')
        ? 'memberUid'
        : null;
  if (attribute === null) {
    throw new RoamhomeError({
      code: 'directory-incomplete',
      message: `${entry.dn} is no group: it is neither posixGroup, groupOfNames nor groupOfUniqueNames`,
      remedy: 'Correct that entry, or syncGroup and directory.groupsDn.',
    });
  }
  const [gid] = valuesOf(entry, 'gidNumber');
  return {
    dn: entry.dn,
    gidNumber: gid === undefined ? null : Number(gid),
    attribute,
    members: valuesOf(entry, attribute),
  };
}

type Member = Pick<DirectoryAccount, 'dn' | 'user'>;

/** As the group lists the user. */
function listed(group: DirectoryGroup, { dn, user }: Member): string {
  return group.attribute === 'memberUid' ? user : dn;
}

/** The value by which the group lists the user already, as it is written there; null: none. Pure. */
export function memberValue(group: DirectoryGroup, member: Member): string | null {
  const wanted = listed(group, member);
  const isIt =
    group.attribute === 'memberUid'
      ? (one: string): boolean => one === wanted
      : (one: string): boolean => sameDn(one, wanted);
  return group.members.find(isIt) ?? null;
}

/** Lets the user in. Pure. */
export function joinGroup(group: DirectoryGroup, member: Member): DirectoryChange {
  const { dn, attribute } = group;
  return { kind: 'modify', dn, steps: [{ operation: 'add', attribute, values: [listed(group, member)] }] };
}

/** Takes the user out: `value` is what the group lists. Pure. */
export function leaveGroup({ dn, attribute }: DirectoryGroup, value: string): DirectoryChange {
  return { kind: 'modify', dn, steps: [{ operation: 'delete', attribute, values: [value] }] };
}

/** A group that nobody is in yet. Pure. */
export function newGroup(name: string, gidNumber: number): Attributes {
  return {
    objectClass: ['top', 'posixGroup'],
    cn: [name],
    gidNumber: [String(gidNumber)],
    description: ['Users whose homes roam'],
  };
}

/** `directory-incomplete`: entries that somebody has to make. Pure. */
export function directoryLacks(missing: readonly string[]): RoamhomeError {
  return new RoamhomeError({
    code: 'directory-incomplete',
    message: `the directory has no ${missing.join(', no ')}`,
    remedy:
      'Set syncGroup, directory.usersDn and directory.groupsDn to what it has, or let `provision user add --prepare-directory` make them.',
  });
}
