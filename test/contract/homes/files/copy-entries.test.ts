import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { chooseBesides } from '../../../../src/homes/files/beside.ts';
import { compareTrees, type Difference } from '../../../../src/homes/files/compare.ts';
import { copyEntries, type Copied } from '../../../../src/homes/files/copy-entries.ts';
import { pathText, type FileTree, type HomePath } from '../../../../src/homes/files/file-tree.ts';
import { planRestore, type NotRestored } from '../../../../src/homes/files/restore-plan.ts';
import { createLocalHost } from '../../../../src/host/local.ts';

/** Nobody on Debian; the programs of a user who is not root cannot be another's. */
const isRoot = process.getuid?.() === 0;
const uid = isRoot ? 65_534 : (process.getuid?.() ?? 0);
const gid = isRoot ? 65_534 : (process.getgid?.() ?? 0);
const path = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];
const reader = createLocalHost({ name: 'this machine', path });
const writer = createLocalHost({ name: 'this machine', path, as: { uid, gid } });
const { signal } = new AbortController();

let directory: string;
let conflict: string;
let home: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'restore-'));
  chmodSync(directory, 0o755);
  // As the private place of a mounted conflict: the user has no way in.
  mkdirSync(join(directory, 'private'), { mode: 0o700 });
  [conflict, home] = [join(directory, 'private/0'), join(directory, 'alice')];
  for (const each of [conflict, home]) mkdirSync(each, { mode: 0o755 });
  own(home);
  return () => {
    rmSync(directory, { recursive: true, force: true });
  };
});

function own(place: string): void {
  execFileSync('chown', ['-hR', `${uid}:${gid}`, place]);
}

function put(place: string, name: string, text: string | Buffer, seconds = 1_700_000_000): void {
  mkdirSync(join(place, name, '..'), { recursive: true });
  writeFileSync(join(place, name), text);
  utimesSync(join(place, name), seconds, seconds);
}

const tree = (place: string): FileTree => ({ mounts: new Map([['', place]]), apart: new Map() });

async function compare(
  all = false,
  chosen: readonly HomePath[] | null = null,
): Promise<readonly Difference[]> {
  const found: Difference[] = [];
  for await (const one of compareTrees({ conflict: tree(conflict), home: tree(home), chosen, all, signal }))
    found.push(one);
  return found;
}

interface Told {
  readonly restored: readonly string[];
  readonly left: Readonly<Record<string, string>>;
  /** Where two versions are there now, the other name. */
  readonly both: Readonly<Record<string, string>>;
}

const label = 'mac-b, 30 Nov 13.13';

async function restore(options: { overwrite?: boolean; meanwhile?: () => void } = {}): Promise<Told> {
  own(home);
  own(conflict);
  const differences = await compare();
  const plan = planRestore(differences, {
    ...{ overwrite: options.overwrite ?? false, label: 'before' },
    besides: await chooseBesides(differences, label, signal),
  });
  options.meanwhile?.();
  const copied: Copied = await copyEntries(plan, {
    kind: 'linux',
    reader,
    writer,
    owner: { uid, gid },
    signal,
  });
  const left = (list: readonly NotRestored[]) => list.map(({ path: at, why }) => [pathText(at), why]);
  return {
    restored: copied.restored.map(pathText).sort(),
    left: Object.fromEntries(left([...plan.skipped, ...copied.failed])) as Record<string, string>,
    both: Object.fromEntries(
      [...copied.beside, ...copied.kept].map(({ path: at, as }) => [pathText(at), as]),
    ) as Record<string, string>,
  };
}

const read = (name: string): string => readFileSync(join(home, name), 'utf8');
/** What a restore leaves in no case: the directories in which it prepares what it copies. */
const leftovers = (): readonly string[] =>
  (readdirSync(home, { recursive: true }) as string[]).filter((name) => name.includes('.roamhome-'));

describe('a restore with real programs', () => {
  test('brings what is missing; where both have a file, both are there afterwards', async () => {
    put(conflict, 'Documents/novel.txt', 'mine');
    put(conflict, 'Documents/notes.txt', 'from the conflict', 1_700_000_500);
    put(conflict, 'new/deep/file', 'deep');
    put(home, 'Documents/notes.txt', 'from the home');
    put(home, 'only-here', 'stays');
    const other = `notes (${label}).txt`;
    expect(await restore()).toEqual({
      restored: ['Documents/notes.txt', 'Documents/novel.txt', 'new'],
      left: {},
      both: { 'Documents/notes.txt': other },
    });
    expect(read(`Documents/${other}`)).toBe('from the conflict');
    expect([read('Documents/novel.txt'), read('new/deep/file'), read('only-here')]).toEqual([
      'mine',
      'deep',
      'stays',
    ]);
    expect(read('Documents/notes.txt')).toBe('from the home');
    // A second time there is nothing left to bring.
    expect(await restore()).toEqual({ restored: [], left: {}, both: {} });
    expect(readdirSync(join(home, 'Documents')).sort()).toEqual([other, 'notes.txt', 'novel.txt']);
    rmSync(join(home, 'Documents', other));
    expect(await restore({ overwrite: true })).toEqual({
      restored: ['Documents/notes.txt'],
      left: {},
      both: { 'Documents/notes.txt': 'notes (before).txt' },
    });
    expect(read('Documents/notes.txt')).toBe('from the conflict');
    expect(read('Documents/notes (before).txt')).toBe('from the home');
    expect((await compare()).map(({ kind, path: at }) => [kind, pathText(at)])).toEqual([
      ['only-home', 'Documents/notes (before).txt'],
      ['only-home', 'only-here'],
    ]);
    expect(leftovers()).toEqual([]);
  });

  test('a name that something else has is left to it, and the next one is taken', async () => {
    put(conflict, 'essay.txt', 'from the conflict', 1_700_000_500);
    put(home, 'essay.txt', 'from the home');
    put(home, `essay (${label}).txt`, 'of somebody');
    put(conflict, `essay (${label} 2).txt`, 'the conflict has this name itself');
    symlinkSync('nowhere', join(home, `essay (${label} 3).txt`));
    const third = `essay (${label} 4).txt`;
    expect((await restore()).both).toEqual({ 'essay.txt': third });
    expect([
      read('essay.txt'),
      read(`essay (${label}).txt`),
      read(`essay (${label} 2).txt`),
      read(third),
    ]).toEqual(['from the home', 'of somebody', 'the conflict has this name itself', 'from the conflict']);
    expect((await restore()).restored).toEqual([]);
  });

  test('a symlink of the conflict comes beside the file as a symlink, and of equal content nothing comes', async () => {
    symlinkSync('/etc/passwd', join(conflict, 'settings'));
    put(home, 'settings', 'a file');
    put(conflict, 'run.sh', 'equal');
    put(home, 'run.sh', 'equal');
    chmodSync(join(conflict, 'run.sh'), 0o700);
    expect(await restore()).toEqual({
      restored: ['settings'],
      left: { 'run.sh': 'only its mode or owner differs: --overwrite restores those' },
      both: { settings: `settings (${label})` },
    });
    expect([readlinkSync(join(home, `settings (${label})`)), read('settings')]).toEqual([
      '/etc/passwd',
      'a file',
    ]);
    expect(await restore({ overwrite: true })).toMatchObject({ both: { settings: 'settings (before)' } });
    expect(lstatSync(join(home, 'run.sh')).mode & 0o777).toBe(0o700);
    expect(read('settings (before)')).toBe('a file');
  });

  test('keeps mode, time, links, holes and owner', async () => {
    put(conflict, 'kept/run.sh', '#!/bin/sh\n', 1_600_000_000);
    chmodSync(join(conflict, 'kept/run.sh'), 0o750);
    linkSync(join(conflict, 'kept/run.sh'), join(conflict, 'kept/again.sh'));
    symlinkSync('/etc/passwd', join(conflict, 'kept/link'));
    writeFileSync(join(conflict, 'kept/sparse'), '');
    truncateSync(join(conflict, 'kept/sparse'), 64 * 1024 * 1024);
    await restore();
    const file = lstatSync(join(home, 'kept/run.sh'));
    expect([file.mode & 0o7777, file.mtimeMs / 1000, file.uid, file.nlink]).toEqual([
      0o750,
      1_600_000_000,
      uid,
      2,
    ]);
    expect(lstatSync(join(home, 'kept/again.sh')).ino).toBe(file.ino);
    expect(readlinkSync(join(home, 'kept/link'))).toBe('/etc/passwd');
    const sparse = lstatSync(join(home, 'kept/sparse'));
    expect([sparse.size, sparse.blocks < 1000]).toEqual([64 * 1024 * 1024, true]);
  });

  test.skipIf(!hasUserAttributes())('keeps extended attributes', async () => {
    put(conflict, 'tagged', 'x');
    setAttribute(join(conflict, 'tagged'));
    await restore();
    expect(getAttribute(join(home, 'tagged'))).toBe('red');
  });

  test.runIf(isRoot && hasUserAttributes())(
    'keeps what the user could not give a file: a group, an owner, attributes where it is read-only',
    async () => {
      put(conflict, 'shared/report', 'x');
      setAttribute(join(conflict, 'shared/report'));
      put(conflict, 'shared/deep/system', 'x');
      own(conflict);
      const kept = (): void => {
        chownSync(join(conflict, 'shared/report'), uid, 2100);
        chmodSync(join(conflict, 'shared/report'), 0o444);
        chownSync(join(conflict, 'shared/deep/system'), 0, 0);
      };
      expect(await restore({ meanwhile: kept })).toMatchObject({ restored: ['shared'], left: {} });
      const report = statSync(join(home, 'shared/report'));
      expect([report.uid, report.gid, report.mode & 0o777]).toEqual([uid, 2100, 0o444]);
      expect(getAttribute(join(home, 'shared/report'))).toBe('red');
      expect(statSync(join(home, 'shared/deep/system')).uid).toBe(0);
      expect(leftovers()).toEqual([]);
    },
  );

  test.each([
    ['spaces and quotes', `a 'b' "c" $d`],
    ['a newline', 'two\nlines'],
    ['a dash in front', '-rf'],
    ['an asterisk and a backslash', '*\\t'],
    ['a decomposed letter', 'e\u0301te\u0301'],
    ['a composed letter', '\u00e9t\u00e9'],
    ['braces', '{}'],
  ])('copies a name with %s', async (_what, name) => {
    put(conflict, name, 'new');
    put(conflict, `there/${name}`, 'new', 1_700_000_500);
    put(home, `there/${name}`, 'older');
    const told = await restore();
    expect(told).toMatchObject({ restored: [name, `there/${name}`].sort(), left: {} });
    const as = told.both[`there/${name}`] ?? '';
    expect([read(name), read(`there/${name}`), read(`there/${as}`)]).toEqual(['new', 'older', 'new']);
    expect(await restore({ overwrite: true })).toMatchObject({ restored: [`there/${name}`], left: {} });
    const kept = readdirSync(join(home, 'there')).find((one) => one.includes('(before)')) ?? '';
    expect([read(`there/${name}`), read(`there/${kept}`)]).toEqual(['new', 'older']);
  });

  test('copies names that are no UTF-8 with the directory around them, and tells of those it cannot', async () => {
    const name = Buffer.from([0x66, 0xff]);
    const at = (place: string) => Buffer.concat([Buffer.from(`${place}/`), name]);
    mkdirSync(join(conflict, 'new'));
    writeFileSync(at(join(conflict, 'new')), 'bytes');
    writeFileSync(at(conflict), 'bytes');
    const told = await restore();
    expect(told.restored).toEqual(['new']);
    expect(Object.keys(told.left)).toEqual(['f\\xff']);
    expect(readFileSync(at(join(home, 'new')), 'utf8')).toBe('bytes');
  });

  test('does not replace what came there meanwhile', async () => {
    put(conflict, 'draft', 'from the conflict');
    put(conflict, 'folder/in/side', 'from the conflict');
    chmodSync(join(conflict, 'folder/in'), 0o555);
    const told = await restore({
      meanwhile: () => {
        put(home, 'draft', 'just written');
        put(home, 'folder', 'just written');
      },
    });
    const why = 'something of this name has come there meanwhile';
    expect(told).toEqual({ restored: [], left: { draft: why, folder: why }, both: {} });
    expect(read('draft')).toBe('just written');
    expect(leftovers()).toEqual([]);
  });

  test('replaces a symlink itself, not what it leads to, and no directory', async () => {
    put(directory, 'elsewhere', 'not ours');
    put(conflict, 'link', 'a file now');
    put(conflict, 'folder', 'a file now');
    symlinkSync(join(directory, 'elsewhere'), join(home, 'link'));
    put(home, 'folder/inside', 'stays');
    const told = await restore({ overwrite: true });
    expect(told).toEqual({
      restored: ['folder', 'link'],
      left: {},
      both: { folder: `folder (${label})`, link: 'link (before)' },
    });
    expect(read(`folder (${label})`)).toBe('a file now');
    expect(readlinkSync(join(home, 'link (before)'))).toBe(join(directory, 'elsewhere'));
    expect([lstatSync(join(home, 'link')).isFile(), read('link')]).toEqual([true, 'a file now']);
    expect(readFileSync(join(directory, 'elsewhere'), 'utf8')).toBe('not ours');
    expect(read('folder/inside')).toBe('stays');
  });

  test.runIf(isRoot)('gains a user nothing who turns a directory into a symlink meanwhile', async () => {
    const protectedPlace = join(directory, 'system');
    mkdirSync(protectedPlace, { mode: 0o755 });
    put(conflict, 'Documents/cron', 'run me as root');
    put(home, 'Documents/here', 'x');
    const told = await restore({
      meanwhile: () => {
        rmSync(join(home, 'Documents'), { recursive: true });
        symlinkSync(protectedPlace, join(home, 'Documents'));
      },
    });
    expect(readdirSync(protectedPlace)).toEqual([]);
    expect(told.restored).toEqual([]);
    expect(told.left['Documents/cron']).toMatch(/mkdir: .*Permission denied/);
  });

  test.runIf(isRoot)('has neither the groups of root nor its rights', async () => {
    const { stdout } = await writer.run(['id']);
    expect(stdout.trim()).toMatch(/^uid=65534\S* gid=65534\S* groups=65534\S*$/);
    const streamed = await writer.stream(['cat', '/etc/shadow']);
    streamed.stdin.end();
    streamed.stdout.resume();
    expect((await streamed.done).stderr).toMatch(/Permission denied/);
  });

  test.runIf(isRoot && canMount())('changes nothing where it does not fit', async () => {
    const small = join(home, 'small');
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=1m,uid=${uid},gid=${gid}`, 'none', small]);
    try {
      home = small;
      put(home, 'present', 'as it was');
      put(conflict, 'present', Buffer.alloc(3_000_000, 1), 1_700_000_500);
      put(conflict, 'tiny', 'fits');
      await expect(restore({ overwrite: true })).rejects.toMatchObject({ code: 'no-space' });
      expect(read('present')).toBe('as it was');
      expect([existsSync(join(home, 'tiny')), leftovers()]).toEqual([false, []]);
    } finally {
      execFileSync('umount', [small]);
    }
  });

  test('goes on where one directory cannot be written', async () => {
    put(conflict, 'open/a', 'x');
    put(conflict, 'closed/b', 'x');
    mkdirSync(join(home, 'open'));
    mkdirSync(join(home, 'closed'));
    const told = await restore({
      meanwhile: () => {
        if (isRoot) chownSync(join(home, 'closed'), 0, 0);
        chmodSync(join(home, 'closed'), 0o555);
      },
    });
    expect(told.restored).toEqual(['open/a']);
    expect(told.left['closed/b']).toMatch(/Permission denied/);
  });
});

describe('a comparison of real files', () => {
  test('follows no symlink, and reads what only the time differs of', async () => {
    put(conflict, 'same', 'content', 1_700_000_000);
    put(home, 'same', 'content', 1_700_000_900);
    put(conflict, 'other', 'content', 1_700_000_000);
    put(home, 'other', 'kontent', 1_700_000_900);
    put(conflict, 'dir/file', 'x');
    symlinkSync(join(conflict, 'dir'), join(home, 'dir'));
    symlinkSync('a', join(conflict, 'link'));
    symlinkSync('b', join(home, 'link'));
    execFileSync('mkfifo', [join(conflict, 'pipe')]);
    own(home);
    own(conflict);
    expect(
      (await compare()).map((one) => [pathText(one.path), one.kind === 'different' ? one.aspects : one.kind]),
    ).toEqual([
      ['dir', ['kind']],
      ['link', ['target']],
      ['other', ['content']],
      ['pipe', 'only-conflict'],
    ]);
    expect(statSync(join(home, 'dir')).isDirectory()).toBe(true);
  });

  test('tells what blocks the way to a chosen path', async () => {
    put(conflict, 'Documents/novel', 'x');
    symlinkSync('/elsewhere', join(home, 'Documents'));
    const differences = await compare(false, [Buffer.from('Documents/novel')]);
    expect(differences).toMatchObject([{ kind: 'different', aspects: ['kind'] }]);
    for (const overwrite of [true, false]) {
      const besides = await chooseBesides(differences, label, signal);
      expect(planRestore(differences, { overwrite, label, besides }).skipped).toMatchObject([
        { why: 'a symlink is in the way of a directory' },
      ]);
    }
  });

  test('counts what a directory holds, or tells each', async () => {
    put(conflict, 'new/a', '123');
    put(conflict, 'new/b/c', '4567');
    expect(await compare()).toMatchObject([{ kind: 'only-conflict', below: { files: 2, bytes: 7 } }]);
    expect((await compare(true)).map(({ path: at }) => pathText(at))).toEqual([
      'new',
      'new/a',
      'new/b',
      'new/b/c',
    ]);
    expect((await compare(false, [Buffer.from('new/b/c')])).map(({ path: at }) => pathText(at))).toEqual([
      'new',
      'new/b',
      'new/b/c',
    ]);
  });
});

function canMount(): boolean {
  try {
    const at = mkdtempSync(join(tmpdir(), 'mount-'));
    execFileSync('mount', ['-t', 'tmpfs', 'none', at], { stdio: 'ignore' });
    execFileSync('umount', [at]);
    rmSync(at, { recursive: true });
    return true;
  } catch {
    return false;
  }
}

// Node has no call for them; python3 is on every machine of developers here, or the test is left out.
function python(code: string, file: string): string {
  return execFileSync('python3', ['-c', `import os,sys\n${code}`, file], {
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim();
}

function setAttribute(file: string): void {
  python(`os.setxattr(sys.argv[1], 'user.tag', b'red')`, file);
}

function getAttribute(file: string): string {
  return python(`print(os.getxattr(sys.argv[1], 'user.tag').decode())`, file);
}

function hasUserAttributes(): boolean {
  const at = mkdtempSync(join(tmpdir(), 'xattr-'));
  try {
    setAttribute(at);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(at, { recursive: true });
  }
}
