import { expect, test } from 'vitest';
import { inPieces, inPiecesOf } from '../../../src/thinning/in-pieces.ts';
import { bookmarkFor, leftAt, planBookmarks } from '../../../src/thinning/plan-bookmarks.ts';
import type { BookmarkName, DatasetName, Guid } from '../../../src/zfs/names.ts';
import type { Bookmark, Snapshot } from '../../../src/zfs/version.ts';
import { snapshotsAt } from '../../support/thinning/snapshots.ts';

const home = 'data/profiles/alice' as DatasetName;
const now = Date.UTC(2026, 10, 20, 12) / 1000;
const day = 86_400;

/** `short=guid`. */
function bookmark(words: string): Bookmark {
  const [short, guid] = words.split('=');
  return {
    kind: 'bookmark',
    name: `${home}#${short}` as BookmarkName,
    guid: guid as Guid,
    createtxg: BigInt(guid ?? 0),
    creation: 5,
  };
}

test.each<[string, string[], string[], string[]]>([
  ['no bookmark yet', [], ['1', '2'], []],
  ['one of somebody else’s', ['before-the-trip=1'], ['2'], []],
  ['one of ours', ['roamhome-thinned-20261118-1=1'], ['2'], []],
  ['one whose time is over: a new one first', ['roamhome-thinned-20261110-1=1'], ['1', '2'], ['1']],
  ['one of a snapshot that is long gone', ['roamhome-thinned-20261110-7=7'], ['1', '2'], ['7']],
  ['one from the future', ['roamhome-thinned-20991110-7=7'], ['1', '2'], []],
  ['one that has no date', ['roamhome-thinned-20269999-7=7', 'thinned-20200101-8=8'], ['1', '2'], []],
])('%s', (_what, bookmarks, leave, expired) => {
  const going = snapshotsAt([10, 20]).map((one): Snapshot => ({ ...one, kind: 'snapshot', written: 1n }));
  const plan = planBookmarks(home, bookmarks.map(bookmark), going, { now, bookmarkDays: 7 });
  expect(plan.leave.map(({ snapshot }) => snapshot.guid)).toEqual(leave);
  expect(plan.expired.map((name) => name.split('-').at(-1))).toEqual(expired);
});

test('a bookmark lives for the days that it is promised, by the day it was left', () => {
  const name = bookmarkFor(home, { guid: '42' as Guid }, now);
  expect(name).toBe(`${home}#roamhome-thinned-20261120-42`);
  expect(leftAt(name)).toBe(Date.UTC(2026, 10, 20) / 1000);
  const old = [{ ...bookmark('x=42'), name }];
  const at = (seconds: number) =>
    planBookmarks(home, old, [], { now: seconds, bookmarkDays: 400 }).expired.length;
  expect([at(now + 400 * day), at(now + 401 * day)]).toEqual([0, 1]);
});

test.each<[number, number, number[]]>([
  [0, 40, []],
  [3, 40, [3]],
  [3000, 40, [1598, 1402]],
  [2, 70_000, [1, 1]],
])('%i names of %i bytes are in as few commands as can be', (count, length, want) => {
  const names = Array.from({ length: count }, (_, i) => String(i).padStart(length, 'x'));
  const pieces = inPieces(names);
  expect(pieces.map((piece) => piece.length)).toEqual(want);
  expect(pieces.flat()).toEqual(names);
});

test('what is more than one word counts with all of them', () => {
  const pairs = Array.from({ length: 5 }, (_, i) => ({
    from: String(i).padEnd(10_000),
    to: 'x'.repeat(10_000),
  }));
  const pieces = inPiecesOf(pairs, ({ from, to }) => [from, to]);
  expect(pieces.map((piece) => piece.length)).toEqual([3, 2]);
  expect(pieces.flat()).toEqual(pairs);
});
