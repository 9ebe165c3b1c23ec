import { rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { choosePast, parseWanted } from '../../../../src/homes/history/choose-snapshots.ts';
import { diffHistory, type HistoryDiff } from '../../../../src/homes/history/diff-history.ts';
import { readHistory } from '../../../../src/homes/history/read-history.ts';
import { formatHistoryDiff } from '../../../../src/cli/diff/text.ts';
import {
  conflictsRoot,
  createConflictMac,
  datasetsBelow,
  home,
  type ConflictMac,
} from '../../../support/conflicts/conflict-mac.ts';

const nothing = { before: () => undefined, edit: () => undefined, after: () => undefined };
/** Blanks, quotes, a newline, and a letter that is decomposed. */
const hard = `a "b" 'c'\n e\u0301.txt`;
let mac: ConflictMac;

beforeEach(async () => {
  mac = await createConflictMac(nothing);
  mac.put(hard, 'then');
  mac.put('gone', 'three');
  mac.put('mail/inbox', 'one');
  mac.pass(3600);
  await mac.run(`snapshot -r ${home}@b`);
  mac.put(hard, 'and now');
  mac.put('Documents/new', 'x');
  rmSync(mac.at('gone'));
  mac.pass(3600);
  await mac.run(`snapshot -r ${home}@c`);
  mac.put('mail/inbox', 'one, two');
});

afterEach(() => {
  mac.remove();
});

async function diff(from: string, until: string | null): Promise<HistoryDiff> {
  const { history, homes } = await readHistory(mac.session, false);
  const chosen = (words: string) => choosePast(history, parseWanted(words, history, new Date(2026, 11, 1)));
  return diffHistory(mac.session, {
    homes,
    since: chosen(from),
    until: until === null ? null : chosen(until),
  });
}

test('what changed between two snapshots, with sizes, and names that are hard', async () => {
  const found = await diff('b', 'c');
  expect(found.changes.filter(({ type }) => type === 'file')).toEqual([
    { change: 'added', type: 'file', path: 'Documents/new', to: null, before: null, after: 1 },
    { change: 'modified', type: 'file', path: hard, to: null, before: 4, after: 7 },
    { change: 'removed', type: 'file', path: 'gone', to: null, before: 5, after: null },
  ]);
  expect(formatHistoryDiff(found).split('\n')).toEqual([
    '~ ./',
    '+ Documents/',
    '+ Documents/new  (1 B)',
    `~ a "b" 'c'\\u000a e\u0301.txt  (4 B → 7 B)`,
    '- gone  (5 B)',
    '+ 2 added, - 1 removed, ~ 2 modified, > 0 renamed',
  ]);
});

test('what changed since a snapshot, in every dataset of the home', async () => {
  const { changes } = await diff('c', null);
  expect(changes).toEqual([
    { change: 'modified', type: 'file', path: 'mail/inbox', to: null, before: 3, after: 8 },
  ]);
  await mac.run(`unmount ${home}`);
  expect((await diff('b', null)).changes).toHaveLength(6);
  expect(mac.machine.datasets.get(home)?.mounted).toBeNull();
  expect(
    datasetsBelow(mac.machine, conflictsRoot).filter((name) => name.includes('/restore/alice/')),
  ).toEqual([]);
});

test('what changed in a home that is not mounted, with a dataset below that has no place', async () => {
  await mac.run(`create -o canmount=noauto -o mountpoint=none ${home}/attic`, `unmount ${home}`);
  expect((await diff('b', null)).changes).toContainEqual(
    expect.objectContaining({ change: 'added', path: 'Documents/new' }),
  );
});

test('nothing, and what cannot be compared', async () => {
  expect(formatHistoryDiff(await diff('c', 'c'))).toBe('nothing changed');
  await expect(diff('c', 'b')).rejects.toMatchObject({ code: 'usage' });
  await mac.run(`create -o canmount=noauto ${home}/new`);
  expect(formatHistoryDiff(await diff('c', null))).toMatch(
    /^\? new\/ {2}\(no snapshot of it then: not compared\)$/m,
  );
});
