import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pathText } from '../../../../src/homes/files/file-tree.ts';
import { choosePast, parseWanted } from '../../../../src/homes/history/choose-snapshots.ts';
import { findVersions } from '../../../../src/homes/history/find-versions.ts';
import { homeSnapshots } from '../../../../src/homes/history/home-history.ts';
import { pathInHome, readHistory } from '../../../../src/homes/history/read-history.ts';
import {
  restoreFromHistory,
  type RestoreOutcome,
} from '../../../../src/homes/history/restore-from-history.ts';
import {
  conflictsRoot,
  createConflictMac,
  datasetsBelow,
  home,
  pipe,
  type ConflictMac,
} from '../../../support/conflicts/conflict-mac.ts';

const label = 'before restoring 2026-11-26 14.03.12';
const nothing = { before: () => undefined, edit: () => undefined, after: () => undefined };
let mac: ConflictMac;
const read = (path: string): string => readFileSync(mac.at(path), 'utf8');
const before = (name: string): string => name.replace(/(\.\w+)?$/, ` (${label})$1`);

/** Snapshots both datasets of the home, sends them to the server, and lets an hour pass. */
async function session(name: string, last: string): Promise<void> {
  mac.pass(3600);
  await mac.run(`snapshot -r ${home}@${name}`);
  for (const dataset of [home, `${home}/mail`])
    await pipe(
      mac.zfs.host,
      `send -i ${dataset}@${last} ${dataset}@${name}`,
      mac.server,
      `receive -u ${dataset}`,
    );
}

/** This Mac has the sessions a and d, the server those between too. */
beforeEach(async () => {
  mac = await createConflictMac(nothing);
  mac.put('novel.txt', 'Call me Ishmael.');
  mac.put('Documents/plan', 'first');
  mac.put('mail/inbox', 'one');
  mac.put('mail/old/letter', 'Dear Ahab');
  await session('b', 'a');
  mac.put('novel.txt', 'Call me Ishmael. Some years ago');
  mac.put('mail/inbox', 'one, two');
  await session('c', 'b');
  mac.put('novel.txt', 'Call me Ahab.');
  execFileSync('rm', ['-r', mac.at('Documents'), mac.at('mail/old')]);
  await session('d', 'c');
  for (const dataset of [home, `${home}/mail`]) await mac.run(`destroy ${dataset}@b,c`);
});

afterEach(() => {
  mac.remove();
});

interface Told {
  readonly restored: readonly string[];
  readonly kept: readonly string[];
  readonly left: readonly string[];
  readonly target: string;
}

async function restore(
  path: string,
  at: string,
  options: { to?: string; local?: boolean } = {},
): Promise<Told> {
  const { history, homes } = await readHistory(mac.session, options.local !== true);
  const outcome: RestoreOutcome = await restoreFromHistory(mac.session, {
    past: choosePast(history, parseWanted(at, history, new Date(2026, 11, 1))),
    parts: pathInHome(path, mac.session.mountpoint, history),
    ...{ homes, to: options.to ?? null, label, hostAs: mac.hostAs },
  });
  return {
    restored: outcome.restored.map(pathText).sort(),
    kept: outcome.kept.map(({ as }) => as).sort(),
    left: [...outcome.skipped, ...outcome.failed].map(({ path: at, why }) => `${pathText(at)}: ${why}`),
    target: outcome.target,
  };
}

/** That a run has left nothing on this Mac but the place for the next. */
function expectTidy(): void {
  expect(
    datasetsBelow(mac.machine, conflictsRoot).filter((name) => name.includes('/restore/alice/')),
  ).toEqual([]);
  expect([...mac.machine.datasets.values()].filter(({ mounted }) => mounted?.readonly === true)).toEqual([]);
  const leftovers = readdirSync(mac.at('.'), { recursive: true }) as string[];
  expect(leftovers.filter((name) => name.includes('.roamhome-'))).toEqual([]);
}

describe('a restore', () => {
  test('of a file that this Mac has thinned: it comes from the server, as what changed since', async () => {
    expect(await restore('novel.txt', 'b')).toEqual({
      restored: ['novel.txt'],
      kept: [before('novel.txt')],
      left: [],
      target: mac.at('novel.txt'),
    });
    expect([read('novel.txt'), read(before('novel.txt'))]).toEqual(['Call me Ishmael.', 'Call me Ahab.']);
    const sent = mac.server.commandLog
      .map(({ argv }) => argv.join(' '))
      .filter((line) => line.includes(' send '));
    expect(sent.at(-1)).toMatch(new RegExp(` -i ${home}@a ${home}@b$`));
    expectTidy();
  });

  test('of a file that the home has no more, with the directories above it', async () => {
    expect(await restore('mail/old/letter', 'c')).toMatchObject({
      restored: ['mail/old', 'mail/old/letter'],
      kept: [],
    });
    expect(read('mail/old/letter')).toBe('Dear Ahab');
    expectTidy();
  });

  test('of a folder: replaced whole, the present one kept', async () => {
    mac.put('Documents/new', 'written since');
    expect(await restore('Documents', 'c')).toMatchObject({
      restored: ['Documents'],
      kept: [before('Documents')],
    });
    expect([read('Documents/plan'), read(`${before('Documents')}/new`)]).toEqual(['first', 'written since']);
    expect(existsSync(mac.at('Documents/new'))).toBe(false);
    expectTidy();
  });

  test('of a dataset of the home: its entries one by one, and what is new in it stays', async () => {
    mac.put('mail/drafts', 'written since');
    expect(await restore('mail', 'c')).toMatchObject({ restored: ['mail/old'], kept: [] });
    expect(await restore('mail', 'b')).toMatchObject({ restored: ['mail/inbox'], kept: [before('inbox')] });
    expect([read('mail/inbox'), read('mail/drafts')]).toEqual(['one', 'written since']);
    expectTidy();
  });

  test('of what is there as it was does nothing', async () => {
    expect(await restore('novel.txt', 'd')).toMatchObject({ restored: [], kept: [], left: [] });
    await restore('novel.txt', 'b');
    expect(await restore('novel.txt', 'b')).toMatchObject({ restored: [], kept: [], left: [] });
  });

  test('of a snapshot that this Mac has asks the server for no stream', async () => {
    const streams = (): number => mac.server.commandLog.filter(({ argv }) => argv[1] === 'send').length;
    mac.put('novel.txt', 'spoilt');
    const count = streams();
    expect(await restore('novel.txt', 'd', { local: true })).toMatchObject({ kept: [before('novel.txt')] });
    expect([read('novel.txt'), streams()]).toEqual(['Call me Ahab.', count]);
    expectTidy();
  });

  test('into a folder, with datasets and all', async () => {
    const to = mac.at('../rescue');
    mkdirSync(to);
    expect(await restore('mail', 'c', { to })).toMatchObject({ target: join(to, 'mail'), kept: [] });
    expect([
      readFileSync(join(to, 'mail/inbox'), 'utf8'),
      readFileSync(join(to, 'mail/old/letter'), 'utf8'),
    ]).toEqual(['one, two', 'Dear Ahab']);
    expect(await restore('novel.txt', 'c', { to })).toMatchObject({ restored: ['novel.txt'] });
    expect(read('novel.txt')).toBe('Call me Ahab.');
    expectTidy();
  });

  test('into a home that nobody uses: it is mounted for it', async () => {
    await mac.run(`unmount ${home}`);
    await restore('novel.txt', 'c');
    expect(mac.machine.datasets.get(home)?.mounted).toBeNull();
    await mac.run(`mount ${home}`);
    expect(read('novel.txt')).toBe('Call me Ishmael. Some years ago');
  });

  test('keeps a symlink aside that lies at the place, and writes nothing where it leads', async () => {
    const elsewhere = mac.at('../elsewhere');
    writeFileSync(elsewhere, 'not ours');
    execFileSync('rm', [mac.at('novel.txt')]);
    symlinkSync(elsewhere, mac.at('novel.txt'));
    await restore('novel.txt', 'b');
    expect([lstatSync(mac.at('novel.txt')).isFile(), read('novel.txt')]).toEqual([true, 'Call me Ishmael.']);
    expect(lstatSync(mac.at(before('novel.txt'))).isSymbolicLink()).toBe(true);
    expect(readFileSync(elsewhere, 'utf8')).toBe('not ours');
  });

  test('refuses what was not there then, and leaves nothing', async () => {
    await expect(restore('nothing', 'b')).rejects.toMatchObject({
      code: 'path-missing',
      message: 'there was no "nothing" in the snapshot b',
    });
    await expect(restore('novel.txt', '2026-11-01 12:00')).rejects.toMatchObject({ code: 'dataset-missing' });
    await expect(restore('../bob/secret', 'b')).rejects.toMatchObject({ code: 'usage' });
    expectTidy();
  });

  test('follows no symlink of the past', async () => {
    symlinkSync('/etc', mac.at('settings'));
    await session('e', 'd');
    await expect(restore('settings/passwd', 'e')).rejects.toMatchObject({ code: 'path-missing' });
  });

  test('removes what a killed run has left, mounted or not, and goes on with what was cut', async () => {
    const views = `${conflictsRoot}/restore/alice`;
    await mac.run(
      `create -p -o canmount=off -o mountpoint=none -o setuid=off -o devices=off ${views}`,
      `clone -o canmount=noauto -o mountpoint=${mac.at('../left')} ${home}@d ${views}/1`,
      `mount -o ro,nosuid,nodev ${views}/1`,
    );
    expect(await restore('novel.txt', 'b')).toMatchObject({ restored: ['novel.txt'] });
    expectTidy();
  });
});

describe('a restore in a home with names that are hard', () => {
  test.each([
    ['spaces and quotes', `a 'b' "c" $d.txt`],
    ['a newline', 'two\nlines.txt'],
    ['a dash in front', '-rf'],
    ['NFD', 'e\u0301te\u0301.txt'],
    ['a dot in front', '.profile'],
  ])('%s', async (_what, name) => {
    mac.put(name, 'then');
    mac.put(`${name}-folder/${name}`, 'then');
    await session('e', 'd');
    mac.put(name, 'and now');
    mac.put(`${name}-folder/${name}`, 'and now');
    expect(await restore(`./${name.normalize('NFC')}`, 'e')).toMatchObject({ restored: [name], left: [] });
    expect(await restore(`${name}-folder`, 'e')).toMatchObject({ restored: [`${name}-folder`], left: [] });
    expect([read(name), read(`${name}-folder/${name}`)]).toEqual(['then', 'then']);
    expect(readdirSync(mac.at('.')).filter((each) => each.includes(label))).toHaveLength(2);
    const { history, homes } = await readHistory(mac.session, false);
    const { versions } = await findVersions(mac.session, { history, homes }, [name]);
    expect(versions.map(({ entry }) => entry.bytes)).toEqual([4]);
  });
});

test('the snapshots of a home: when, how much, and where', async () => {
  const { history } = await readHistory(mac.session, true);
  expect(homeSnapshots(history).map(({ name, here, onServer }) => [name, here, onServer])).toEqual([
    ['d', 'all', 'all'],
    ['c', 'none', 'all'],
    ['b', 'none', 'all'],
    ['a', 'all', 'all'],
  ]);
});

test('the versions of a file: those that differ, and how many snapshots the server has more', async () => {
  mac.put('plan', 'x');
  await session('e', 'd');
  mac.put('novel.txt', 'Call me Starbuck');
  await session('f', 'e');
  const { history, homes } = await readHistory(mac.session, true);
  const { versions, onServerOnly } = await findVersions(mac.session, { history, homes }, ['novel.txt']);
  expect(versions.map(({ first, last, entry }) => [first.short, last.short, entry.bytes])).toEqual([
    ['f', 'f', 16],
    ['d', 'e', 13],
  ]);
  expect(onServerOnly).toBe(2);
  await expect(findVersions(mac.session, { history, homes }, ['mail'])).rejects.toMatchObject({
    code: 'usage',
  });
  expectTidy();
});
