import { describe, expect, test } from 'vitest';
import { decodeCsv, readCsv } from '../../../../src/provision/user/csv.ts';
import { parseQuota } from '../../../../src/provision/user/size.ts';

describe('a list of users', () => {
  const alice = { user: 'alice', uidNumber: null, fullName: null, mail: null, quota: null, excluded: null };
  test.each([
    ['one column', 'user\nalice\n', [{ line: 2, request: alice }]],
    [
      'as a spreadsheet writes it',
      '\ufeffUser;Full_Name;UID\r\nalice;"Cooper; Alice";1001\r\n',
      [{ line: 2, request: { ...alice, fullName: 'Cooper; Alice', uidNumber: 1001 } }],
    ],
    [
      'empty lines, blanks, cells with nothing',
      'user, quota ,mail\n\n alice , 1.5G, a@x.org\n,,\n',
      [{ line: 3, request: { ...alice, quota: 1_610_612_736n, mail: 'a@x.org' } }],
    ],
    ['nobody', 'user\n', []],
  ])('%s', (_name, text, want) => {
    expect(readCsv(text).users).toEqual(want);
  });

  test.each([
    ['../alice', '"../alice" cannot be the name of a roaming user'],
    ['-x', '"-x" cannot be the name of a roaming user'],
    ['alice,0', '"0" is no uid'],
    ['alice,1e4', '"1e4" is no uid'],
    ['alice,,20', '"20" is no quota'],
    ['alice,,,no mail', '"no mail" is no mail address'],
    ['alice,1', '"1" is no uid; it has 2 cells fewer than the first line'],
    [',1001,1G,a@x', 'it names no user'],
  ])('a bad line: %s', (line, why) => {
    const { users, mistakes } = readCsv(`user,uid,quota,mail\n${line}${line.includes(',') ? '' : ',,,'}\n`);
    expect(users).toEqual([]);
    for (const part of why.split('; ')) expect(mistakes[0]?.why).toContain(part);
  });

  test.each([
    ['', 'its first line names no column user'],
    ['name,uid\nalice,1\n', 'its first line has "name"'],
    ['uid\n1\n', 'its first line names no column user'],
    ['user,user\na,b\n', 'its first line names a column twice'],
    ['user\n"alice\n', 'this is no list of users'],
  ])('no list at all: %j', (text, why) => {
    expect(() => readCsv(text)).toThrow(why);
  });
});

test.each([
  ['none', 0n],
  ['500M', 524_288_000n],
  ['20G', 21_474_836_480n],
  ['1.5t', 1_649_267_441_664n],
  ['20GiB', 21_474_836_480n],
  ['1K', 1024n],
])('the quota %s is %d bytes', (text, bytes) => {
  expect(parseQuota(text)).toBe(bytes);
});

test.each(['', '20', '-1G', '1.G', '1e3G', '20 G', 'G', '0x1G'])('%j is no quota', (text) => {
  expect(() => parseQuota(text)).toThrow('is no quota');
});

test.each([
  [
    'Windows-1252, as Excel’s “CSV”',
    Buffer.from('user;full_name\nanna;Anna M\xfcller\n', 'latin1'),
    /not UTF-8/,
  ],
  ['UTF-16 with its mark', Buffer.from('\ufeffuser\nanna\n', 'utf16le'), /UTF-16/],
  ['UTF-16 without one', Buffer.from('user\nanna\n', 'utf16le'), /UTF-16/],
])('no name is read with wrong letters: %s', (_what, bytes, why) => {
  expect(() => decodeCsv(bytes)).toThrow(why);
});

test('UTF-8 is taken as it is, with a mark or without', () => {
  for (const text of ['user,full_name\nanna,Anna Müller\n', '\ufeffuser,full_name\nanna,Anna Müller\n'])
    expect(readCsv(decodeCsv(Buffer.from(text))).users[0]?.request.fullName).toBe('Anna Müller');
});

test('the line with which a spreadsheet names its separator is named', () => {
  expect(() => readCsv('sep=;\nuser;mail\n')).toThrow(/first line is sep=;/);
});
