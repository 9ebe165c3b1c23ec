import { RoamhomeError } from '../errors/errors.ts';
import { homeDirectoryOf, numberTaken, type AccountRequest } from './account.ts';
import type { DirectoryChange } from './change.ts';
import {
  directoryLacks,
  joinGroup,
  leaveGroup,
  memberValue,
  newGroup,
  type DirectoryGroup,
} from './group.ts';
import type { DirectoryView } from './observe-user.ts';
import type { DirectorySettings } from './settings.ts';
import { rdnOf } from './text.ts';

/** One thing to do in the directory. */
export type DirectoryStep =
  | { readonly kind: 'change'; readonly says: string; readonly change: DirectoryChange }
  /** The user's entry: its number is known only once it is taken. */
  | {
      readonly kind: 'add-account';
      readonly says: string;
      readonly request: AccountRequest;
      readonly gidNumber: number;
    }
  /** The user's membership, once their entry is there. */
  | { readonly kind: 'join'; readonly says: string; readonly group: DirectoryGroup; readonly user: string };

/**
 * What has to be done so that the directory has the user, as asked, in the group. `prepare`: make the group and what
 * entries are below, too. Throws `directory-incomplete` and `directory-taken`. Pure.
 */
export function planAddUser(
  view: DirectoryView,
  request: AccountRequest,
  settings: DirectorySettings,
  prepare: boolean,
): readonly DirectoryStep[] {
  const preparing = prepareSteps(view, settings, prepare);
  const group = view.group ?? groupToBe(settings);
  const { account } = view;
  const [holder] = view.holders;
  if (account === null) {
    if (request.uidNumber !== null && holder !== undefined) throw numberTaken(request.uidNumber, holder);
    const gidNumber = group.gidNumber;
    if (gidNumber === null) {
      throw new RoamhomeError({
        code: 'directory-incomplete',
        message: `${group.dn} has no gidNumber, which would be the main group of ${request.user}`,
        remedy: 'Make it a posixGroup too, with a gidNumber.',
      });
    }
    return [
      ...preparing,
      { kind: 'add-account', says: `add ${request.user} to the directory`, request, gidNumber },
      joinStep(group, request.user),
    ];
  }
  if (request.uidNumber !== null && request.uidNumber !== account.uidNumber) {
    throw new RoamhomeError({
      code: 'directory-taken',
      message: `${account.dn} has the uid number ${account.uidNumber}, not ${request.uidNumber}`,
      remedy: 'Leave --uid out to keep it: all files of the user belong to that number.',
    });
  }
  if (holder !== undefined) {
    throw new RoamhomeError({
      code: 'directory-taken',
      message: `${account.dn} and ${holder} have the same uid number, ${account.uidNumber}`,
      remedy: 'Each could read the other’s files: give one of them another number, and run this again.',
    });
  }
  const isMember = memberValue(group, account) !== null;
  return [...preparing, ...(isMember ? [] : [joinStep(group, account.user)])];
}

/** What has to be done so that the directory does not have the user. Pure. */
export function planRemoveUser({ account, group }: DirectoryView, user: string): readonly DirectoryStep[] {
  const value = group === null ? null : memberValue(group, account ?? { user, dn: `uid=${user}` });
  return [
    ...(group === null || value === null
      ? []
      : [change(`take ${user} out of the group ${rdnOf(group.dn).value}`, leaveGroup(group, value))]),
    ...(account === null
      ? []
      : [change(`remove ${user} from the directory`, { kind: 'delete', dn: account.dn })]),
  ];
}

/**
 * What has to be done so that the user has another name: the number stays, and so do all that belongs to it. `from` and
 * `to` are both views of the directory. Throws `directory-taken` and `user-unknown`. Pure.
 */
export function planRenameUser(
  from: DirectoryView,
  to: DirectoryView,
  users: { readonly from: string; readonly to: string },
  settings: DirectorySettings,
): readonly DirectoryStep[] {
  if (from.account !== null && to.account !== null) {
    throw new RoamhomeError({
      code: 'directory-taken',
      message: `${users.to} is in the directory already: ${to.account.dn}`,
      remedy: 'Choose another name.',
    });
  }
  const account = from.account ?? to.account;
  if (account === null) {
    throw new RoamhomeError({
      code: 'user-unknown',
      message: `neither ${users.from} nor ${users.to} is in the directory`,
      remedy: 'Check the name with `roamhome provision user list`.',
    });
  }
  const home = homeDirectoryOf(users.to, settings);
  const renamed = { ...account, user: users.to, dn: renamedDn(account.dn, users.to) };
  const { group } = from;
  const old =
    group === null ? null : memberValue(group, { user: users.from, dn: renamedDn(account.dn, users.from) });
  const isIn = group !== null && memberValue(group, renamed) !== null;
  return [
    ...(from.account === null
      ? []
      : [
          change(`rename ${users.from} to ${users.to} in the directory`, {
            kind: 'rename',
            dn: account.dn,
            newRdn: `uid=${users.to}`,
          }),
        ]),
    ...(account.homeDirectory === home
      ? []
      : [
          change(`set the home directory of ${users.to} to ${home}`, {
            kind: 'modify',
            dn: renamed.dn,
            steps: [{ operation: 'replace', attribute: 'homeDirectory', values: [home] }],
          }),
        ]),
    ...(group === null || isIn || old === null
      ? []
      : [change(`put ${users.to} into the group ${settings.group}`, joinGroup(group, renamed))]),
    ...(group === null || old === null
      ? []
      : [change(`take ${users.from} out of the group ${settings.group}`, leaveGroup(group, old))]),
  ];
}

function change(says: string, what: DirectoryChange): DirectoryStep {
  return { kind: 'change', says, change: what };
}

function joinStep(group: DirectoryGroup, user: string): DirectoryStep {
  return { kind: 'join', says: `put ${user} into the group ${rdnOf(group.dn).value}`, group, user };
}

function renamedDn(dn: string, user: string): string {
  return dn.replace(/^(?:\\.|[^\\,])*/s, `uid=${user}`);
}

/** Its number is the first of the range, as that of a group: users and groups are numbered apart. */
function groupToBe({ groupDn, uidMin }: DirectorySettings): DirectoryGroup {
  return { dn: groupDn, gidNumber: uidMin, attribute: 'memberUid', members: [] };
}

function prepareSteps(
  { group, missingContainers }: DirectoryView,
  settings: DirectorySettings,
  prepare: boolean,
): readonly DirectoryStep[] {
  const { groupDn, uidMin } = settings;
  if (group !== null && missingContainers.length === 0) return [];
  const missing = [...missingContainers, ...(group === null ? [groupDn] : [])];
  if (!prepare) {
    throw directoryLacks(missing);
  }
  return [
    ...missingContainers.map((dn) => change(`make ${dn}`, { kind: 'add', dn, attributes: container(dn) })),
    ...(group === null
      ? [
          change(`make the group ${groupDn}`, {
            kind: 'add',
            dn: groupDn,
            attributes: newGroup(rdnOf(groupDn).value, uidMin),
          }),
        ]
      : []),
  ];
}

function container(dn: string): Readonly<Record<string, readonly string[]>> {
  const { attribute, value } = rdnOf(dn);
  if (attribute.toLowerCase() === 'ou') return { objectClass: ['top', 'organizationalUnit'], ou: [value] };
  throw new RoamhomeError({
    code: 'directory-incomplete',
    message: `the directory has no ${dn}, and Roamhome makes only entries whose names begin with ou=`,
    remedy: 'Make it, or correct directory.usersDn and directory.groupsDn.',
  });
}
