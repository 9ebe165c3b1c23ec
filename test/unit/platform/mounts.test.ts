import { expect, test } from 'vitest';
import { parseMountinfo } from '../../../src/platform/linux/mountinfo.ts';
import { parseMounts } from '../../../src/platform/macos/mount-list.ts';

test('on Linux what is mounted where, with the names as they are and what each mount lies in', () => {
  const text = [
    '22 28 0:21 / /proc rw,nosuid shared:12 - proc proc rw',
    '58 28 0:44 / /Users/alice rw,nosuid,nodev - zfs data/profiles/alice rw,xattr,posixacl',
    '61 58 254:1 /srv /Users/alice/a\\040b rw shared:1 master:2 - ext4 /dev/vda1 rw',
    '62 58 0:50 / /Users/alice/m rw,nosuid - fuse.sshfs bob@host:/x\\134y rw,user_id=2001',
    '',
  ].join('\n');
  expect(parseMountinfo(text).slice(1)).toEqual([
    { source: 'data/profiles/alice', path: '/Users/alice', type: 'zfs', id: '58', parentId: '28' },
    { source: '/dev/vda1', path: '/Users/alice/a b', type: 'ext4', id: '61', parentId: '58' },
    { source: 'bob@host:/x\\y', path: '/Users/alice/m', type: 'fuse.sshfs', id: '62', parentId: '58' },
  ]);
});

test('on a Mac as mount(8) prints it', () => {
  const text = [
    '/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)',
    'data/profiles/alice on /Users/alice (zfs, local, nodev, nosuid, journaled, noatime, nobrowse)',
    'alice@server:/ on /Users/alice/on (a) mount (macfuse, nodev, nosuid, synchronous, mounted by alice)',
    'map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)',
    'not a mount',
  ].join('\n');
  expect(parseMounts(text).map(({ source, path, type }) => [source, path, type])).toEqual([
    ['/dev/disk3s1s1', '/', 'apfs'],
    ['data/profiles/alice', '/Users/alice', 'zfs'],
    ['alice@server:/', '/Users/alice/on (a) mount', 'macfuse'],
    ['map auto_home', '/System/Volumes/Data/home', 'autofs'],
  ]);
});
