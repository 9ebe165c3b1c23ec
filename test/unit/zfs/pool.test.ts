import { describe, expect, test } from 'vitest';
import {
  examinePool,
  getFeatures,
  listFeatureNames,
  listPool,
  poolAltroot,
} from '../../../src/zfs/commands/pool.ts';
import { isOlder, zfsVersions, type ZfsVersion } from '../../../src/zfs/commands/zfs-version.ts';
import { listServerDatasets } from '../../../src/zfs/commands/list-server-datasets.ts';
import { listGrants } from '../../../src/zfs/commands/permissions.ts';
import type { DatasetName } from '../../../src/zfs/names.ts';

const degraded = `  pool: data
 state: DEGRADED
status: One or more devices has been taken offline by the administrator.
	Sufficient replicas exist for the pool to continue functioning in a
	degraded state.
action: Online the device using 'zpool online' or replace the device with
	'zpool replace'.
  scan: resilvered 160K in 00:00:01 with 0 errors on Thu Nov 26 10:00:00 2026
config:

	NAME                  STATE     READ WRITE CKSUM
	data                  DEGRADED     0     0     0
	  mirror-0            DEGRADED     0     0     0
	    /dev/vdb1         ONLINE       0     0     0
	    /root/mirror.img  OFFLINE      0     0     0
	cache
	  /dev/sdc1           ONLINE       0     0     0
	spares
	  /dev/sdd1           AVAIL   

errors: No known data errors
`;

describe('a pool', () => {
  test('in numbers', () => {
    expect(listPool('data').parse('ONLINE\t8053063680\t8052000000\t3\n')).toEqual({
      ...{ health: 'ONLINE', sizeBytes: 8053063680n, freeBytes: 8052000000n, percentFull: 3 },
    });
    for (const text of ['', 'ONLINE\t1\t2\n', 'online\t1\t2\t3\n', 'ONLINE\t1\t2\t3\nONLINE\t1\t2\t3\n'])
      expect(() => listPool('data').parse(text)).toThrow('does not understand');
  });

  test('that is well', () => {
    expect(examinePool('data').parse("pool 'data' is healthy\n")).toBe(null);
  });

  test('that is not', () => {
    expect(examinePool('data').parse(degraded)).toEqual({
      status:
        'One or more devices has been taken offline by the administrator. Sufficient replicas exist for the pool to continue functioning in a degraded state.',
      disks: [{ name: '/root/mirror.img', state: 'OFFLINE' }],
      ...{ errors: null, isResilvering: false },
    });
    const busy = degraded.replace(/scan: resilvered/, 'scan: resilver in progress since');
    expect(examinePool('data').parse(busy)?.isResilvering).toBe(true);
    const damaged = degraded.replace('No known data errors', '1 data errors, use -v for a list');
    expect(examinePool('data').parse(damaged)?.errors).toBe('1 data errors, use -v for a list');
    expect(() => examinePool('data').parse('all pools are healthy\n')).toThrow('does not understand');
  });

  test('and its features', () => {
    const names = listFeatureNames('data').parse(
      'size\nfeature@bookmark_v2\nfeature@edonr\norg.example:note\n',
    );
    expect(names).toEqual(['bookmark_v2', 'edonr']);
    const features = getFeatures('data', names);
    expect(features.argv.at(-2)).toBe('feature@bookmark_v2,feature@edonr');
    const text = 'feature@bookmark_v2\tdisabled\nfeature@edonr\tenabled\n';
    expect([...features.parse(text)]).toEqual([
      ['bookmark_v2', 'disabled'],
      ['edonr', 'enabled'],
    ]);
    expect(() => features.parse('note\n')).toThrow('does not understand');
    expect([poolAltroot('data').parse('-\n'), poolAltroot('data').parse('/mnt\n')]).toEqual([null, '/mnt']);
  });
});

describe('versions', () => {
  test.each([
    ['zfs-2.3.2-1~bpo12+2\nzfs-kmod-2.3.1-1\n', [2, 3, 2], [2, 3, 1]],
    ['zfs-macos-2.2.3-0-gabc\nzfs-macos-kmod-2.2.3-0-gabc\n', [2, 2, 3], [2, 2, 3]],
    ['zfs-2.1.11\n', [2, 1, 11], null],
    // TrueNAS and FreeBSD name the kernel's part by a date and a commit.
    ['zfs-2.0.0-rc\nzfs-kmod-v2020100200-zfs_091aa0122\n', [2, 0, 0], null],
    ['zfs-2.2.0-FreeBSD_g95785196f\nzfs-kmod-v2023072100-zfs_0eb787a7e\n', [2, 2, 0], null],
    ['zfs-macOS-2.1.6-1\nzfs-kmod-macOS-2.1.6-1\n', [2, 1, 6], [2, 1, 6]],
    ['zfs-2.4.0-rc1\nzfs-kmod-2.4.0-rc1\n', [2, 4, 0], [2, 4, 0]],
  ])('%j', (text, program, kernel) => {
    expect(zfsVersions.parse(text)).toEqual({ program, kernel });
  });

  test.each(['', 'zfs\n', 'zfs-2.3\n', 'zfs-kmod-2.3.2\n'])('%j is not understood', (text) => {
    expect(() => zfsVersions.parse(text)).toThrow('does not understand');
  });

  test.each<[ZfsVersion, ZfsVersion, boolean]>([
    [[2, 3, 2], [2, 3, 2], false],
    [[2, 3, 1], [2, 3, 2], true],
    [[2, 10, 0], [2, 3, 2], false],
    [[1, 9, 4], [2, 0, 0], true],
  ])('%j is older than %j: %s', (a, b, want) => {
    expect(isOlder(a, b)).toBe(want);
  });
});

describe('what the server has', () => {
  const home = 'data/profiles/alice' as DatasetName;
  const { parse } = listServerDatasets([home], 'roamhome:session');

  test('a home with its versions', () => {
    const [found] = parse(
      `${home}\tfilesystem\t1\t1764151200\tmac-a,x\tmac-a,x\n${home}@a\tsnapshot\t18446744073709551615\t-\t-\t-\n${home}#b\tbookmark\t3\t-\t-\t-\n`,
    );
    expect({ ...found, guids: [...(found?.guids ?? [])] }).toEqual({
      ...{ name: home, property: 'mac-a,x', snapshotsChanged: 1764151200 },
      guids: ['18446744073709551615', '3'],
    });
    expect(parse(`${home}\tfilesystem\t1\t-\t-\t-\n`)[0]?.snapshotsChanged).toBe(null);
  });

  test('the snapshots of a volume, which zfs lists without the volume, are left out', () => {
    const [found, ...more] = parse(`${home}/vm@s\tsnapshot\t9\t-\t-\t-\n${home}\tfilesystem\t1\t-\t-\t-\n`);
    expect([found?.name, [...(found?.guids ?? [])], more]).toEqual([home, [], []]);
  });

  test('without its times, for a server that does not know them', () => {
    const without = listServerDatasets([home], 'roamhome:session', { times: false });
    expect(without.argv).toContain('name,type,guid,roamhome:session,roamhome:session');
    const [found] = without.parse(`${home}\tfilesystem\t1\tmac-a,x\tmac-a,x\n${home}@a\tsnapshot\t7\t-\t-\n`);
    expect(found).toMatchObject({ snapshotsChanged: null, property: 'mac-a,x' });
    expect([...(found?.guids ?? [])]).toEqual(['7']);
  });

  test.each([`${home}\tvolume\t1\t-\t-\t-\n`, `${home}\tfilesystem\t1\t-\t-\n`])(
    '%j is not understood',
    (text) => {
      expect(() => parse(text)).toThrow('does not understand');
    },
  );

  test('a line of permissions under no heading is not understood', () => {
    expect(() => listGrants(home).parse(`---- Permissions on ${home} ---\n\tuser x send\n`)).toThrow();
  });
});
