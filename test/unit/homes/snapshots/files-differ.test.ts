import { expect, test } from 'vitest';
import { RoamhomeError } from '../../../../src/errors/errors.ts';
import type { FileFacts, FileStatus } from '../../../../src/homes/mount/file-facts.ts';
import { filesDiffer } from '../../../../src/homes/snapshots/files-differ.ts';
import type { SyncZfs } from '../../../../src/zfs/sync-zfs.ts';
import { diffOf } from '../../../support/sync/diffs.ts';
import { dataset, localHome } from '../../../support/sync/homes.ts';

const head = dataset(localHome, '', '@a:1').snapshots[0]!.name;
const failed = new RoamhomeError({ code: 'command-failed', message: 'no getfattr', remedy: 'install it' });

interface Case {
  readonly diff: readonly string[] | Error;
  /** What differs from a home in which all is as it should be: by path, `@/` for one in the snapshot. */
  readonly status?: Readonly<Record<string, Partial<FileStatus> | null>>;
  readonly attributes?: Readonly<Record<string, string | Error>>;
  readonly mountpoint?: string;
}

/** Directories are those without a name on the list; the dataset is device 1, the snapshot 2. */
function factsOf({ status = {}, attributes = {} }: Case): FileFacts {
  const brief = (path: string): string => path.replace('/u/.zfs/snapshot/a/', '@/').replace('/u/', '');
  return {
    statusOf: (path) => {
      const name = brief(path);
      const isFile = /\.(DS_Store|fseventsd\/\d+)$/.test(name);
      const usual = { mode: isFile ? 0o600 : 0o755, uid: isFile ? 0 : 501, gid: 20, links: 1 };
      const device = name.startsWith('@/') ? 2 : 1;
      const change = status[name];
      return Promise.resolve(
        change === null ? null : { type: isFile ? 'file' : 'directory', ...usual, device, ...change },
      );
    },
    attributesOf: (path) => {
      const text = attributes[brief(path)] ?? 'same';
      return text instanceof Error ? Promise.reject(text) : Promise.resolve(text);
    },
  };
}

function fakeZfs({ diff }: Case): { zfs: SyncZfs; warnings: string[] } {
  const warnings: string[] = [];
  const rest = {
    host: { name: 'this Mac' },
    observer: { warning: (_p: string, _a: unknown, line: string) => warnings.push(line) },
  };
  async function* entries(): ReturnType<typeof diffOf> {
    if (diff instanceof Error) throw diff;
    yield* diffOf(diff);
  }
  return { zfs: { ...rest, diff: entries } as unknown as SyncZfs, warnings };
}

async function differs(each: Case): Promise<{ differs: boolean; warnings: readonly string[] }> {
  const { zfs, warnings } = fakeZfs(each);
  const home = { ...dataset(localHome, '', '@a:1'), properties: { mountpoint: each.mountpoint ?? '/u' } };
  return { differs: await filesDiffer(zfs, home, head, { files: factsOf(each) }), warnings };
}

const made = ['+\tF\t/u/d/.DS_Store', 'M\t/\t/u/d'];
const removed = ['-\tF\t/u/.DS_Store', 'M\t/\t/u/'];
const tree = ['M\tF\t/u/.fseventsd/12'];

test.each<[string, Case]>([
  ['nothing', { diff: [] }],
  ['a .DS_Store that is what it seems', { diff: made }],
  ['one that was removed', { diff: removed, status: { '.DS_Store': null } }],
  ['one of the user', { diff: made, status: { 'd/.DS_Store': { uid: 501 } } }],
  ["fseventsd's log", { diff: tree }],
  [
    "Spotlight's link",
    { diff: ['+\t@\t/u/.Spotlight-V100/x'], status: { '.Spotlight-V100/x': { type: 'other', uid: 0 } } },
  ],
])('no difference: %s', async (_what, each) => {
  expect(await differs(each)).toEqual({ differs: false, warnings: [] });
});

test.each<[string, Case]>([
  ['a file', { diff: ['M\tF\t/u/thesis'] }],
  ['it has a second name', { diff: made, status: { 'd/.DS_Store': { links: 2 } } }],
  ['it had a second name', { diff: removed, status: { '@/.DS_Store': { links: 2 } } }],
  ['it is no plain file', { diff: made, status: { 'd/.DS_Store': { type: 'other' } } }],
  ['it cannot be looked at', { diff: made, status: { 'd/.DS_Store': null } }],
  ['something is mounted over it', { diff: made, status: { 'd/.DS_Store': { device: 3 } } }],
  ['something is mounted over the directory', { diff: made, status: { d: { device: 3 } } }],
  ['what stands in the tree is the user’s', { diff: tree, status: { '.fseventsd/12': { uid: 501 } } }],
  ['the directory has another mode', { diff: made, status: { d: { mode: 0o700 } } }],
  ['another owner', { diff: made, status: { d: { uid: 502 } } }],
  ['another group', { diff: made, status: { d: { gid: 80 } } }],
  ['it was none', { diff: made, status: { '@/d': { type: 'file' } } }],
  ['a tag was set on it', { diff: made, attributes: { d: 'tag' } }],
  ['a tag was set on the root', { diff: removed, attributes: { '.': 'tag' } }],
  ['the snapshot cannot be looked at', { diff: made, status: { '@/.': null } }],
  ['the snapshot is not mounted', { diff: made, status: { '@/.': { device: 1 }, '@/d': { device: 1 } } }],
  ['it is mounted nobody knows where', { diff: tree, mountpoint: 'legacy' }],
])('a difference: %s', async (_what, each) => {
  expect(await differs(each)).toEqual({ differs: true, warnings: [] });
});

test.each<[string, Case, string]>([
  [
    'the diff fails',
    { diff: new RoamhomeError({ code: 'zfs-failed', message: 'I/O error', remedy: 'none' }) },
    'I/O error',
  ],
  ['a line is not understood', { diff: ['what?'] }, 'that Roamhome does not understand'],
  ['attributes cannot be told', { diff: made, attributes: { d: failed } }, 'no getfattr'],
])('a difference, and it is said why: %s', async (_what, each, warning) => {
  const found = await differs(each);
  expect(found).toMatchObject({ differs: true, warnings: [expect.stringContaining(warning)] });
});

test('an abort is no difference', async () => {
  const cancelled = new RoamhomeError({ code: 'cancelled', message: 'aborted', remedy: 'none' });
  await expect(differs({ diff: cancelled })).rejects.toBe(cancelled);
  const bug = new TypeError('a bug');
  await expect(differs({ diff: bug })).rejects.toBe(bug);
});
