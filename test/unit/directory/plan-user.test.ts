import { describe, expect, test } from 'vitest';
import { defaultsFor } from '../../../src/config/defaults.ts';
import { newAccount, readAccount } from '../../../src/directory/account.ts';
import { readGroup } from '../../../src/directory/group.ts';
import type { DirectoryView } from '../../../src/directory/observe-user.ts';
import { planAddUser, planRemoveUser, planRenameUser } from '../../../src/directory/plan-user.ts';
import { directorySettings } from '../../../src/directory/settings.ts';

const base = 'dc=x';
const config = defaultsFor('linux', 'test');
const configured = (directory: Partial<typeof config.directory>) => ({
  ...config,
  directory: {
    ...{ ...config.directory, url: 'ldap://ldap.x', baseDn: base, bindDn: 'cn=admin,dc=x' },
    ...directory,
  },
});
const settings = directorySettings(configured({}));

const account = (user: string, uidNumber = 10_000, homeDirectory = `/Users/${user}`) => ({
  dn: `uid=${user},ou=people,${base}`,
  ...{ user, uidNumber, gidNumber: 2500, homeDirectory },
});
const group = (...members: readonly string[]) =>
  readGroup({
    dn: settings.groupDn,
    attributes: { objectclass: ['posixGroup'], gidnumber: ['2500'], memberuid: members },
  });
const view = (has: Partial<DirectoryView>): DirectoryView => ({
  ...{ account: null, group: group(), missingContainers: [], holders: [] },
  ...has,
});
const request = (uidNumber: number | null = null) => ({
  ...{ user: 'alice', uidNumber, fullName: null, mail: null },
});
const says = (steps: readonly { says: string }[]): readonly string[] => steps.map((step) => step.says);

describe('settings', () => {
  test.each([
    ['ldaps://ldap.x', false, 'tls'],
    ['ldap://ldap.x', false, 'starttls'],
    ['ldap://ldap.x', true, 'plain'],
    ['ldap://localhost:3890', false, 'plain'],
    ['ldap://127.0.0.1', false, 'plain'],
    ['ldap://[::1]', false, 'plain'],
    // A name that only begins like an address of this machine.
    ['ldap://127.0.0.1.x', false, 'starttls'],
  ])('%s, allowPlain %s: %s', (url, allowPlain, transport) => {
    expect(directorySettings(configured({ url, allowPlain })).transport).toBe(transport);
  });

  test('what is missing is named, and a range that is none', () => {
    expect(() => directorySettings(config)).toThrow(
      'to use the directory directory.url, directory.baseDn, directory.bindDn must be set',
    );
    expect(() => directorySettings(configured({ uidMin: 2000, uidMax: 1999 }))).toThrow(
      'directory.uidMin (2000) is above directory.uidMax (1999)',
    );
  });
});

describe('entries', () => {
  test.each([
    [null, { cn: ['alice'], sn: ['alice'] }],
    ['Alice', { cn: ['Alice'], sn: ['Alice'] }],
    [' Alice  B.  Cooper ', { cn: ['Alice B. Cooper'], sn: ['Cooper'], givenName: ['Alice B.'] }],
  ])('the names of %j', (fullName, want) => {
    const made = newAccount({ ...request(), fullName }, { uidNumber: 1, gidNumber: 2 }, settings);
    expect(made).toMatchObject(want);
    expect('givenName' in made).toBe('givenName' in want);
  });

  test.each([
    [{ uid: ['Alice'], objectclass: ['posixAccount'] }, 'it is called Alice'],
    [{ uid: ['alice'], objectclass: ['inetOrgPerson'] }, 'it is no posixAccount'],
    [{ uid: ['alice'], objectclass: ['POSIXACCOUNT'] }, 'its uidNumber is not there'],
    [{ uid: ['alice'], objectclass: ['posixAccount'], uidnumber: ['-1'] }, 'its uidNumber is -1'],
  ])('%j cannot be used', (attributes, why) => {
    expect(() => readAccount({ dn: 'uid=alice,dc=x', attributes }, 'alice')).toThrow(
      `alice is in the directory as uid=alice,dc=x, which cannot be used: ${why}`,
    );
  });
});

describe('adding', () => {
  test('a user of nothing, in a directory of nothing', () => {
    const bare = view({ group: null, missingContainers: ['ou=people,dc=x', 'ou=groups,dc=x'] });
    expect(says(planAddUser(bare, request(), settings, true))).toEqual([
      'make ou=people,dc=x',
      'make ou=groups,dc=x',
      'make the group cn=zfs_mobile_sync,ou=groups,dc=x',
      'add alice to the directory',
      'put alice into the group zfs_mobile_sync',
    ]);
    expect(() => planAddUser(bare, request(), settings, false)).toThrow(
      'the directory has no ou=people,dc=x, no ou=groups,dc=x, no cn=zfs_mobile_sync,ou=groups,dc=x',
    );
  });

  test('a user who is there lacks only the group, or nothing', () => {
    const there = view({ account: account('alice') });
    expect(says(planAddUser(there, request(10_000), settings, false))).toEqual([
      'put alice into the group zfs_mobile_sync',
    ]);
    expect(planAddUser({ ...there, group: group('bob', 'alice') }, request(), settings, false)).toEqual([]);
  });

  test.each([
    [view({ holders: ['uid=bob,dc=x'] }), 'the uid number 7000 is taken: uid=bob,dc=x has it'],
    [view({ account: account('alice') }), 'uid=alice,ou=people,dc=x has the uid number 10000, not 7000'],
    [
      view({ account: account('alice', 7000), holders: ['uid=bob,dc=x'] }),
      'uid=alice,ou=people,dc=x and uid=bob,dc=x have the same uid number, 7000',
    ],
  ])('a number that is another’s: %#', (there, message) => {
    expect(() => planAddUser(there, request(7000), settings, false)).toThrow(message);
  });

  test('only entries called ou=… are made', () => {
    const odd = view({ missingContainers: ['cn=users,dc=x'] });
    expect(() => planAddUser(odd, request(), settings, true)).toThrow('the directory has no cn=users,dc=x');
  });
});

describe('removing', () => {
  test.each([
    [
      view({ account: account('alice'), group: group('alice') }),
      ['take alice out of the group zfs_mobile_sync', 'remove alice from the directory'],
    ],
    [view({ group: group('alice') }), ['take alice out of the group zfs_mobile_sync']],
    [view({ group: null }), []],
  ])('%#', (there, want) => {
    expect(says(planRemoveUser(there, 'alice'))).toEqual(want);
  });
});

describe('renaming', () => {
  const names = { from: 'alice', to: 'alicia' };
  const [renamed, home, joined, left] = [
    'rename alice to alicia in the directory',
    'set the home directory of alicia to /Users/alicia',
    'put alicia into the group zfs_mobile_sync',
    'take alice out of the group zfs_mobile_sync',
  ];
  test.each([
    ['as it was', account('alice'), null, ['alice'], [renamed, home, joined, left]],
    ['cut off once', null, account('alicia', 10_000, '/Users/alice'), ['alice'], [home, joined, left]],
    ['cut off twice', null, account('alicia'), ['alice'], [joined, left]],
    ['cut off thrice', null, account('alicia'), ['alice', 'alicia'], [left]],
    ['to the end', null, account('alicia'), ['alicia'], []],
  ])('%s', (_name, from, to, members, want) => {
    const there = { group: group(...members) };
    const plan = planRenameUser(
      view({ ...there, account: from }),
      view({ ...there, account: to }),
      names,
      settings,
    );
    expect(says(plan)).toEqual(want);
  });

  test('neither is there, or both are', () => {
    expect(() => planRenameUser(view({}), view({}), names, settings)).toThrow('neither alice nor alicia');
    const both = [view({ account: account('alice') }), view({ account: account('alicia', 10_001) })] as const;
    expect(() => planRenameUser(...both, names, settings)).toThrow('alicia is in the directory already');
  });
});
