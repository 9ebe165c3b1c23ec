import { describe, expect, test } from 'vitest';
import { toLdif, type DirectoryChange } from '../../../src/directory/change.ts';
import { escapeDn, escapeFilter, parentDn, rdnOf, sameDn } from '../../../src/directory/text.ts';

test.each([
  ['Domain Users', 'Domain Users'],
  ['a,b+c"d\\e<f>g;h=i', 'a\\,b\\+c\\"d\\\\e\\<f\\>g\\;h\\=i'],
  [' #x ', '\\ #x\\ '],
  ['#x', '\\#x'],
])('%j in a distinguished name is %s', (value, want) => {
  expect(escapeDn(value)).toBe(want);
  expect(rdnOf(`cn=${want},dc=x`).value).toBe(value);
});

test('what would be an operator of a filter is none', () => {
  expect(escapeFilter('a*)(uid=\\*)\0')).toBe('a\\2a\\29\\28uid=\\5c\\2a\\29\\00');
});

test.each([
  ['ou=people,dc=a,dc=b', 'dc=a,dc=b', 'ou', 'people'],
  ['cn=a\\,b,dc=x', 'dc=x', 'cn', 'a,b'],
  ['dc=x', '', 'dc', 'x'],
])('%s is below %j, as %s %s', (dn, parent, attribute, value) => {
  expect(parentDn(dn)).toBe(parent);
  expect(rdnOf(dn)).toEqual({ attribute, value });
});

test('distinguished names are the same in any case, with and without blanks', () => {
  expect(sameDn('uid=Alice, ou=People,dc=x', 'UID=alice,ou=people , DC=x')).toBe(true);
  expect(sameDn('uid=alice,ou=people', 'uid=alicia,ou=people')).toBe(false);
});

describe('changes as LDIF', () => {
  test.each<[DirectoryChange, readonly string[]]>([
    [
      { kind: 'add', dn: 'uid=a,dc=x', attributes: { objectClass: ['top', 'device'], cn: ['Ünal'] } },
      ['dn: uid=a,dc=x', 'changetype: add', 'objectClass: top', 'objectClass: device', 'cn:: w5xuYWw='],
    ],
    [
      {
        kind: 'modify',
        dn: 'cn=g,dc=x',
        steps: [
          { operation: 'delete', attribute: 'serialNumber', values: ['1'] },
          { operation: 'add', attribute: 'serialNumber', values: [' 2'] },
        ],
      },
      [
        ...['dn: cn=g,dc=x', 'changetype: modify'],
        ...['delete: serialNumber', 'serialNumber: 1', '-'],
        ...['add: serialNumber', 'serialNumber:: IDI=', '-'],
      ],
    ],
    [
      { kind: 'rename', dn: 'uid=a,dc=x', newRdn: 'uid=b' },
      ['dn: uid=a,dc=x', 'changetype: modrdn', 'newrdn: uid=b', 'deleteoldrdn: 1'],
    ],
    [{ kind: 'delete', dn: 'uid=a,dc=x' }, ['dn: uid=a,dc=x', 'changetype: delete']],
  ])('%j', (change, want) => {
    expect(toLdif(change)).toEqual(want);
  });
});
