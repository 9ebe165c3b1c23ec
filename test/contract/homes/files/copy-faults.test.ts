import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { copyEntries, type Copied, type CopyParts } from '../../../../src/homes/files/copy-entries.ts';
import { pathText } from '../../../../src/homes/files/file-tree.ts';
import type { CopyInto } from '../../../../src/homes/files/restore-plan.ts';
import type { Argv, CommandResult, Host } from '../../../../src/host/host.ts';
import { createLocalHost } from '../../../../src/host/local.ts';

const isRoot = process.getuid?.() === 0;
const uid = isRoot ? 65_534 : (process.getuid?.() ?? 0);
const gid = isRoot ? 65_534 : (process.getgid?.() ?? 0);
const path = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];
const reader = createLocalHost({ name: 'this machine', path });
const writer = createLocalHost({ name: 'this machine', path, as: { uid, gid } });

let from: string;
let home: string;

beforeEach(() => {
  const directory = mkdtempSync(join(tmpdir(), 'copy-faults-'));
  chmodSync(directory, 0o755);
  [from, home] = [join(directory, 'conflict'), join(directory, 'alice')];
  for (const each of [from, home]) mkdirSync(each);
  return () => {
    rmSync(directory, { recursive: true, force: true });
  };
});

function put(place: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(place, name, '..'), { recursive: true });
    writeFileSync(join(place, name), text);
  }
  execFileSync('chown', ['-hR', `${uid}:${gid}`, place]);
}

const filesIn = (place: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(place, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [file.slice(place.length + 1), readFileSync(file, 'utf8')]),
  );

function copy(
  paths: readonly string[],
  more: Partial<CopyInto> = {},
  parts: Partial<CopyParts> = {},
): Promise<Copied> {
  const step: CopyInto = {
    kind: 'copy',
    from: Buffer.from(from),
    into: home,
    paths: paths.map((one) => Buffer.from(one)),
    replace: false,
    aside: null,
    beside: new Map(),
    ...more,
  };
  return copyEntries(
    { steps: [step], skipped: [] },
    { kind: 'linux', reader, writer, owner: { uid, gid }, signal: new AbortController().signal, ...parts },
  );
}

/** A host on which a command ends otherwise than it would. */
function ending(host: Host, isMeant: (argv: Argv) => boolean, how: Partial<CommandResult>): Host {
  return {
    ...host,
    stream: async (argv, options) => {
      const running = await host.stream(argv, options);
      return isMeant(argv)
        ? { ...running, done: running.done.then((result) => ({ ...result, ...how })) }
        : running;
    },
  };
}

const reads = (argv: Argv): boolean => argv.includes('--create') || argv.includes('-c');
const writes = (argv: Argv): boolean => argv.includes('--extract') || argv.includes('-x');

describe('a copy', () => {
  test.each([
    [
      'the program that reads could not read all',
      reads,
      'tar: ./novel: Read error at byte 0: Input/output error',
    ],
    ['the program that writes could not write all', writes, 'tar: ./novel: Cannot open: Permission denied'],
  ])('is not called restored, and takes no place, where %s', async (_what, isMeant, stderr) => {
    put(from, { novel: 'Call me Ishmael.', letter: 'Dear' });
    put(home, { novel: 'today', other: 'stays' });
    const failing = { exitCode: 2, stderr: `${stderr}\n` };
    const copied = await copy(
      ['novel', 'letter'],
      { replace: true },
      { reader: ending(reader, isMeant, failing), writer: ending(writer, isMeant, failing) },
    );
    expect(copied.restored).toEqual([]);
    expect(copied.failed.map((one) => pathText(one.path))).toEqual(['novel', 'letter']);
    expect(copied.failed[0]?.why).toContain(stderr);
    expect(filesIn(home)).toEqual({ novel: 'today', other: 'stays' });
  });

  test('stopped at any of its commands leaves each file of the home in its place, whole, old or new', async () => {
    const before = { 'Documents/a': 'old', 'Documents/b': 'old', novel: 'old' };
    const after = { 'Documents/a': 'new', novel: 'new', letter: 'new' };
    let stopped = 0;
    for (let at = 1; ; at += 1) {
      for (const place of [from, home]) execFileSync('find', [place, '-mindepth', '1', '-delete']);
      put(from, after);
      put(home, before);
      const stop = new AbortController();
      let commands = 0;
      const counting = (host: Host): Host => ({
        ...host,
        run: async (argv, options) => {
          const result = await host.run(argv, options);
          commands += 1;
          if (commands === at) stop.abort(new Error('stopped'));
          return result;
        },
      });
      let ended = true;
      try {
        await copy(
          ['Documents', 'novel', 'letter'],
          { replace: true, aside: 'before' },
          { reader: counting(reader), writer: counting(writer), signal: stop.signal },
        );
      } catch {
        ended = false;
      }
      const found = filesIn(home);
      expect(['old', 'new'], `novel after command ${at}`).toContain(found['novel']);
      expect(existsSync(join(home, 'Documents')), `Documents after command ${at}`).toBe(true);
      expect(['old', 'new']).toContain(found['Documents/a']);
      // What was there is there still, in its place or beside it.
      const old = Object.entries(found).filter(
        ([name, text]) => text === 'old' && !name.includes('.roamhome-'),
      );
      expect(old, `after command ${at}`).toHaveLength(3);
      if (!ended) stopped += 1;
      else if (commands < at) break;
    }
    expect(stopped).toBeGreaterThan(1);
  });

  test('is on the disk before it takes the place of anything', async () => {
    put(from, { novel: 'new' });
    put(home, { novel: 'old' });
    let isOnDisk = false;
    const seen: string[] = [];
    const watching = (host: Host): Host => ({
      ...host,
      run: async (argv, options) => {
        // What the home shows while it is being flushed: a power cut then leaves just that.
        if (argv[0] === 'sync') {
          seen.push(readFileSync(join(home, 'novel'), 'utf8'));
          isOnDisk = true;
        }
        const result = await host.run(argv, options);
        if (!isOnDisk) seen.push(readFileSync(join(home, 'novel'), 'utf8'));
        return result;
      },
    });
    await copy(['novel'], { replace: true }, { reader: watching(reader), writer: watching(writer) });
    expect(isOnDisk).toBe(true);
    expect(new Set(seen)).toEqual(new Set(['old']));
    expect(filesIn(home)).toEqual({ novel: 'new' });
  });

  test('never goes over what has come to its place meanwhile', async () => {
    put(from, { novel: 'from the conflict' });
    put(home, {});
    const meanwhile = (host: Host): Host => ({
      ...host,
      run: async (argv, options) => {
        if (argv[0] === 'mv') put(home, { novel: 'of this minute' });
        return host.run(argv, options);
      },
    });
    const copied = await copy(['novel'], {}, { writer: meanwhile(writer) });
    expect(copied.restored).toEqual([]);
    expect(copied.failed.map((one) => pathText(one.path))).toEqual(['novel']);
    expect(filesIn(home)).toEqual({ novel: 'of this minute' });
  });

  test('that cannot take its place gives that back to what was kept aside for it', async () => {
    put(from, { 'Documents/a': 'new' });
    put(home, { 'Documents/a': 'old' });
    const refusing = (host: Host): Host => ({
      ...host,
      run: async (argv, options) =>
        argv[0] === 'mv' && argv.some((word) => word.includes('.roamhome-restore-'))
          ? { stdout: '', stderr: 'mv: cannot move: Operation not permitted', exitCode: 1, signal: null }
          : host.run(argv, options),
    });
    const copied = await copy(['Documents'], { aside: 'before' }, { writer: refusing(writer) });
    expect(copied).toMatchObject({ restored: [], kept: [] });
    expect(filesIn(home)).toEqual({ 'Documents/a': 'old' });
  });

  test('is refused where the name is taken under which what is there is to be kept', async () => {
    put(from, { 'Documents/a': 'new' });
    put(home, { 'Documents/a': 'old', 'Documents (before)': 'a file of that name' });
    const copied = await copy(['Documents'], { aside: 'before' });
    expect(copied.restored).toEqual([]);
    expect(filesIn(home)).toEqual({ 'Documents/a': 'old', 'Documents (before)': 'a file of that name' });
  });
});
