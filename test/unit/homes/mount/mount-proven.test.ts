import { expect, test } from 'vitest';
import type { FileStatus } from '../../../../src/homes/mount/file-facts.ts';
import { followWay } from '../../../../src/homes/mount/follow-way.ts';
import { judgeMounts } from '../../../../src/homes/mount/mount-proven.ts';
import { parseDatasetName } from '../../../../src/zfs/names.ts';
import { noFiles } from '../../../support/sync/diffs.ts';

const home = parseDatasetName('data/profiles/alice');
const wanted = { dataset: parseDatasetName(`${home}/Work`), home, top: '/Users/alice', path: 'deep/Work' };
const line = (text: string): { source: string; path: string } => {
  const [source = '', path = ''] = text.split(' at ');
  return { source: source.replace('~', home), path };
};

test.each<[string, string[], string[], boolean]>([
  ['in its place', ['~ at /Users/alice', '~/Work at /Users/alice/deep/Work'], [], false],
  ['somewhere else', ['~ at /Users/alice', '~/Work at /etc/cron.d'], ['/etc/cron.d'], true],
  ['in both', ['~ at /Users/alice', '~/Work at /Users/alice/deep/Work', '~/Work at /etc'], ['/etc'], false],
  ['elsewhere in the home', ['~ at /Users/alice', '~/Work at /Users/alice/x'], ['/Users/alice/x'], true],
  ['nowhere', ['~ at /Users/alice'], [], true],
  [
    'in a home whose place the system writes out in full',
    ['~ at /System/Data/Users/alice', '~/Work at /System/Data/Users/alice/deep/Work'],
    [],
    false,
  ],
  [
    'another dataset is elsewhere',
    ['~ at /Users/alice', '~/Work at /Users/alice/deep/Work', '~/Workshop at /etc'],
    [],
    false,
  ],
  ['a system that tells nothing', [], [], false],
])('a dataset is %s', (_where, lines, strays, isMissing) => {
  expect(judgeMounts(lines.map(line), wanted)).toEqual({ strays, isMissing });
});

/** A home of directories with their file systems; others are symlinks. */
const filesOf = (entries: Readonly<Record<string, number | 'symlink'>>) => ({
  ...noFiles,
  statusOf: (path: string): Promise<FileStatus | null> => {
    const entry = entries[path.replace(/^\/Users\/alice\/?/, '')];
    if (entry === undefined) return Promise.resolve(null);
    const type = entry === 'symlink' ? 'other' : 'directory';
    return Promise.resolve({
      type,
      mode: 0o755,
      uid: 0,
      gid: 0,
      links: 1,
      device: entry === 'symlink' ? 1 : entry,
    });
  },
});

test.each<[string, Readonly<Record<string, number | 'symlink'>>, string]>([
  ['plain directories', { '.': 1, deep: 1, 'deep/Work': 1 }, 'there'],
  ['a symlink on the way', { '.': 1, deep: 'symlink', 'deep/Work': 1 }, 'blocked'],
  ['a symlink at the end', { '.': 1, deep: 1, 'deep/Work': 'symlink' }, 'blocked'],
  ['another file system on the way', { '.': 1, deep: 2, 'deep/Work': 2 }, 'blocked'],
  ['another file system at the end', { '.': 1, deep: 1, 'deep/Work': 2 }, 'there, a mountpoint'],
  ['nothing at the end', { '.': 1, deep: 1 }, 'missing'],
  ['nothing on the way', { '.': 1 }, 'missing'],
])('a way with %s', async (_what, entries, kind) => {
  const way = await followWay(filesOf(entries), { top: wanted.top, path: wanted.path, mounted: new Set() });
  expect(way.kind === 'there' && way.isMountpoint ? 'there, a mountpoint' : way.kind).toBe(kind);
});
