import { expect, test } from 'vitest';
import { detailsOf } from '../../../../src/provision/describe-change.ts';
import { planHome, type WantedHome } from '../../../../src/provision/user/plan-home.ts';
import { parseDatasetName, snapshotOf, type DatasetName, type Guid } from '../../../../src/zfs/names.ts';
import type { Dataset } from '../../../../src/zfs/version.ts';

const home = parseDatasetName('data/p/alice');
const staging = parseDatasetName('data/p/.new-alice');
const wanted: WantedHome = {
  ...{
    home,
    staging,
    mountpoint: '/new',
    altroot: '',
    owner: { uid: 7, gid: 8 },
    quota: 1024n,
    snapshotName: 'first',
  },
  excluded: null,
};

function dataset(name: DatasetName, more: Partial<Dataset> & { snapshot?: boolean } = {}): Dataset {
  const { snapshot = false, ...rest } = more;
  const version = { guid: '1' as Guid, createtxg: 1n, creation: 1, written: 0n };
  return {
    ...{ name, written: 0n, resumeToken: null, mounted: false, bookmarks: [] },
    properties: { mountpoint: '/new', canmount: 'noauto', quota: '1024' },
    snapshots: snapshot ? [{ kind: 'snapshot', name: snapshotOf(name, 'first'), ...version }] : [],
    ...rest,
  };
}

const [create, mount, chown, chmod, unmount, rmdir, snapshot, nowhere, rename] = [
  'zfs create -o canmount=noauto -o mountpoint=/new -o quota=1024 data/p/.new-alice',
  'zfs mount data/p/.new-alice',
  'chown 7:8 /new',
  'chmod 0700 /new',
  'zfs unmount data/p/.new-alice',
  `sh -c 'if [ -d "$1" ]; then rmdir "$1"; fi' sh /new`,
  'zfs snapshot data/p/.new-alice@first',
  'zfs set mountpoint=none data/p/.new-alice',
  'zfs rename -u data/p/.new-alice data/p/alice',
];
const none = { mountpoint: 'none', canmount: 'noauto', quota: '1024' };

test.each([
  ['nothing', null, [create, mount, chown, chmod, unmount, rmdir, snapshot, nowhere, rename]],
  ['made', dataset(staging), [mount, chown, chmod, unmount, rmdir, snapshot, nowhere, rename]],
  ['mounted', dataset(staging, { mounted: true }), [chown, chmod, unmount, rmdir, snapshot, nowhere, rename]],
  ['whole', dataset(staging, { snapshot: true }), [nowhere, rename]],
  // By somebody who looked.
  ['whole and mounted', dataset(staging, { snapshot: true, mounted: true }), [unmount, nowhere, rename]],
  ['only to be renamed', dataset(staging, { snapshot: true, properties: none }), [rename]],
  [
    'of another quota',
    dataset(staging, { snapshot: true, properties: { ...none, quota: '0' } }),
    ['zfs set quota=1024 data/p/.new-alice', rename],
  ],
])('from %s', (_name, there, want) => {
  const { changes, left } = planHome({ home: null, staging: there }, wanted);
  expect(changes.flatMap(detailsOf)).toEqual(want);
  expect(left).toEqual([]);
});

test.each([
  ['as it is to be', {}, []],
  ['another quota', { quota: '0' }, ['zfs set quota=1024 data/p/alice']],
  ['mounted by itself', { canmount: 'on' }, ['zfs set canmount=noauto data/p/alice']],
])('a home that is there: %s', (_name, properties, want) => {
  const there = dataset(home, { snapshot: true, properties: { ...none, ...properties } });
  const { changes, left } = planHome({ home: there, staging: null }, wanted);
  expect(changes.flatMap(detailsOf)).toEqual(want);
  expect(left).toEqual([]);
});

test('an empty one that somebody else made is left to a person, one that is on its way is not', () => {
  const made = planHome({ home: dataset(home), staging: null }, wanted);
  expect(made.changes).toEqual([]);
  expect(made.left).toEqual([expect.stringContaining('data/p/alice was not made by Roamhome')]);
  const receiving = dataset(home, { resumeToken: '1-a-b-c' as never });
  expect(planHome({ home: receiving, staging: null }, wanted).left).toEqual([]);
});

test('folders are excluded from the start, or where there is no list yet', () => {
  const excluding: WantedHome = { ...wanted, excluded: ['Library/Caches', 'my "x"'] };
  const details = (view: Parameters<typeof planHome>[0]) =>
    planHome(view, excluding).changes.flatMap(detailsOf);
  const list = 'roamhome:excluded=Library/Caches,my%20%22x%22';
  expect(details({ home: null, staging: null })[0]).toBe(
    `zfs create -o canmount=noauto -o mountpoint=/new -o quota=1024 -o ${list} data/p/.new-alice`,
  );
  const whole = (value: string) => ({ snapshot: true, properties: { ...none, 'roamhome:excluded': value } });
  expect(details({ home: null, staging: dataset(staging, whole('-')) })).toEqual([
    `zfs set ${list} data/p/.new-alice`,
    rename,
  ]);
  expect(details({ home: dataset(home, whole('-')), staging: null })).toEqual([
    `zfs set ${list} data/p/alice`,
  ]);
  for (const value of ['none', 'Downloads'])
    expect(details({ home: dataset(home, whole(value)), staging: null })).toEqual([]);
});

test('in a pool with another root it is given away where it really is', () => {
  const { changes } = planHome({ home: null, staging: null }, { ...wanted, altroot: '/mnt' });
  expect(changes.flatMap(detailsOf)).toEqual(
    [create, mount, chown, chmod, unmount, rmdir, snapshot, nowhere, rename].map((line) =>
      line.startsWith('zfs') ? line : line.replace(/\/new$/, '/mnt/new'),
    ),
  );
});
