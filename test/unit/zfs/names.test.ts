import { describe, expect, test } from 'vitest';
import {
  childOf,
  datasetOf,
  isReservedForNewPools,
  parseBookmarkName,
  parseDatasetName,
  parseSnapshotName,
  parseUserName,
  shortNameOf,
} from '../../../src/zfs/names.ts';

describe('dataset names (OpenZFS, zcommon/zfs_namecheck.c)', () => {
  test.each([
    'data',
    'data/profiles/alice',
    'd.a-t_a:1/x',
    'data/with space',
    'data/-x',
    `data/${'a'.repeat(250)}`,
  ])('takes %s', (name) => {
    expect(parseDatasetName(name)).toBe(name);
  });

  test.each([
    ['', 'an empty part'],
    ['/data', 'an empty part'],
    ['data/', 'an empty part'],
    ['data//x', 'an empty part'],
    ['data/./x', 'not allowed as a part'],
    ['data/..', 'not allowed as a part'],
    ['data/a%recv', 'a character ZFS refuses'],
    ['data/a;b', 'a character ZFS refuses'],
    ['data/é', 'a character ZFS refuses'],
    ['data/a@b', 'a character ZFS refuses'],
    ['data/a\nb', 'a character ZFS refuses'],
    ['1data', 'begins with a letter'],
    ['mirror/x', 'reserved'],
    ['log', 'reserved'],
    [`data/${'a'.repeat(251)}`, 'longer than 255'],
    [Array(51).fill('a').join('/'), 'nested deeper'],
  ])('refuses %j: %s', (name, why) => {
    expect(() => parseDatasetName(name)).toThrow(why);
  });
});

test.each([
  ['data/a@b', true],
  ['data/a@b@c', false],
  ['data/a', false],
  ['data/a@', false],
  ['data/a@b/c', false],
  ['data/a#b', false],
])('snapshot name %s: %s', (name, good) => {
  const parse = (): string => parseSnapshotName(name);
  if (good) expect(parse()).toBe(name);
  else expect(parse).toThrow('is no snapshot name');
});

test('takes names apart', () => {
  expect(datasetOf(parseSnapshotName('data/a@b'))).toBe('data/a');
  expect(shortNameOf(parseBookmarkName('data/a#b:c'))).toBe('b:c');
  expect(childOf(parseDatasetName('data'), 'x/y')).toBe('data/x/y');
});

test.each([
  ['alice', true],
  ['a.b-c_d2', true],
  ['_www', true],
  ['alice;reboot', false],
  ['-r', false],
  ['.hidden', false],
  ['..', false],
  ['a b', false],
  ['a/b', false],
  ['a@b', false],
  ['a%b', false],
  ['', false],
  ['ä', false],
  ['a'.repeat(65), false],
])('user name %j: %s', (name, good) => {
  const parse = (): string => parseUserName(name);
  if (good) expect(parse()).toBe(name);
  else expect(parse).toThrow(expect.objectContaining({ code: 'user-name-invalid' }) as Error);
});

test.each(['logs', 'logistik/profiles', 'mirror2/profiles'])(
  'a pool of before may be called so: %s',
  (name) => {
    expect(parseDatasetName(name)).toBe(name);
  },
);

test.each([
  ['mirror2', true],
  ['log', true],
  ['logs', false],
  ['data', false],
])('a new pool cannot be called so: %s: %s', (name, want) => {
  expect(isReservedForNewPools(name)).toBe(want);
});
