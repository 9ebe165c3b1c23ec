import { describe, expect, test } from 'vitest';
import { describeChange } from '../../../src/provision/describe-change.ts';
import { compareParent, parentDatasetTask, parentProperties } from '../../../src/provision/parent-dataset.ts';
import type { Machine } from '../../../src/provision/machine.ts';
import { createSyncZfs } from '../../../src/zfs/sync-zfs.ts';
import { macNameRules } from '../../../src/platform/name-rules.ts';
import { clientParentProperties } from '../../../src/provision/client/wanted-client.ts';
import { parseDatasetName } from '../../../src/zfs/names.ts';
import { createBench } from '../../support/simulator/machine.ts';

const wanted = { dataset: parseDatasetName('data/profiles'), properties: parentProperties };
const { signal } = new AbortController();

describe('a dataset for homes that is there', () => {
  test.each<[string, Record<string, string>, string[], RegExp | null]>([
    ['as it is to be', {}, [], null],
    ['another compression is an admin’s choice', { compression: 'zstd' }, [], null],
    ['none is not', { compression: 'off' }, ['set compression=lz4 on data/profiles'], null],
    [
      'atime',
      { atime: 'on', compression: 'off' },
      ['set atime=off and compression=lz4 on data/profiles'],
      null,
    ],
    [
      'files that would give rights, of an older version',
      { setuid: 'on', devices: 'on' },
      ['set setuid=off and devices=off on data/profiles'],
      null,
    ],
    ['never mounted by itself', { canmount: 'noauto' }, [], null],
    [
      'never mounted, but with a mountpoint that homes inherit: it is not said to be mounted',
      { canmount: 'off', mountpoint: '/data/profiles' },
      [],
      /^a home below data\/profiles that has no mountpoint of its own gets one below \/data\/profiles; .*: zfs set mountpoint=none data\/profiles$/,
    ],
    [
      'mounted: a person’s to change',
      { canmount: 'on', mountpoint: '/Users' },
      [],
      /zfs set canmount=off mountpoint=none data\/profiles$/,
    ],
  ])('%s', (_name, there, changes, left) => {
    const found = compareParent(wanted, { ...parentProperties, ...there });
    expect(found.changes.map(describeChange)).toEqual(changes);
    expect(found.left).toEqual(left === null ? [] : [expect.stringMatching(left)]);
  });
});

describe('names of files', () => {
  const forMacs = { ...wanted, properties: { ...parentProperties, ...macNameRules } };

  test('of a parent that was made for Linux, though Macs are to have homes below it, are told, and changed by nothing', () => {
    const there = { ...parentProperties, casesensitivity: 'sensitive', normalization: 'none' };
    expect(compareParent(forMacs, there)).toEqual({
      changes: [],
      left: [
        'data/profiles has casesensitivity=sensitive and normalization=none, and so have the homes that are made below it; a Mac wants casesensitivity=insensitive and ' +
          'normalization=formD. Both are fixed when a dataset is made: while no home is in it, zfs rename data/profiles data/profiles-before, and run this again',
      ],
    });
    expect(compareParent(wanted, there).left).toEqual([]);
    expect(compareParent(forMacs, { ...there, ...macNameRules }).left).toEqual([]);
    expect(compareParent(forMacs, { ...there, casesensitivity: 'insensitive' }).left).toEqual([
      expect.stringMatching(/^data\/profiles has normalization=none, /),
    ]);
  });

  test('a Mac’s own parent is made for its names, a workstation’s is not', () => {
    expect(clientParentProperties('macos')).toMatchObject(macNameRules);
    expect(clientParentProperties('linux')).not.toHaveProperty('casesensitivity');
  });
});

describe('on a machine', () => {
  const zfs = createSyncZfs(createBench().host, { command: () => undefined, warning: () => undefined });
  const machine = { name: 'server', zfs } as Machine;
  const look = (dataset: string, poolToCome = false) =>
    parentDatasetTask(machine, { ...wanted, dataset: parseDatasetName(dataset) }, { poolToCome }).look(
      signal,
    );

  test('it is made for the names of Macs where that is asked for, with a hint where nobody has said', async () => {
    const make = (more: Partial<typeof wanted & { hint: string }>) =>
      parentDatasetTask(machine, { ...wanted, ...more }, { poolToCome: false }).look(signal);
    const properties = { ...parentProperties, ...macNameRules };
    const { changes, left } = await make({ properties });
    expect(changes).toMatchObject([
      { argv: expect.arrayContaining(['casesensitivity=insensitive']) as string[] },
    ]);
    expect(left).toEqual([]);
    expect((await make({ hint: 'for whom?' })).left).toEqual(['for whom?']);
  });

  test('it is made', async () => {
    expect((await look('data/profiles')).changes).toMatchObject([
      {
        argv: [
          'zfs',
          'create',
          '-o',
          'canmount=off',
          '-o',
          'mountpoint=none',
          '-o',
          'compression=lz4',
          '-o',
          ...['atime=off', '-o', 'setuid=off', '-o', 'devices=off'],
          'data/profiles',
        ],
      },
    ]);
  });
  test('a pool that is missing', async () => {
    await expect(look('tank/profiles')).rejects.toMatchObject({ code: 'pool-not-imported' });
  });
  test('a pool that is still to be made', async () => {
    expect((await look('tank/profiles', true)).changes).toHaveLength(1);
  });
});
