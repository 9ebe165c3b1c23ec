import { expect, test } from 'vitest';
import { carry } from '../../../src/sync/carry.ts';
import { dataset, localHome, serverHome } from '../../support/sync/homes.ts';

const last = (name: string): string => name.replace(/^.*\/alice/, '');

test.each([
  ['one', '@a:1 @b:2', '', ['-i @a @b']],
  ['three in one stream', '@a:1 @b:2 @c:3 @d:4', '', ['-I @a @d']],
  ['from a bookmark: one first, then the rest', '#a:1 @b:2 @c:3 @d:4', '', ['-i #a @b', '-I @b @d']],
  [
    'one left out in the middle',
    '@a:1 @b:2 @c:3 @d:4 @e:5 @f:6',
    '@d:9',
    ['-I @a @c', '-i @c @e', '-i @e @f'],
  ],
  ['the first left out', '@a:1 @b:2 @c:3 @d:4', '@b:9', ['-i @a @c', '-i @c @d']],
  ['the first left out after a bookmark', '#a:1 @b:2 @c:3', '@b:9', ['-i #a @c']],
  ['the last under another name', '@a:1 @b:2 @c:3', '@c:9', ['-i @a @b', '-i @b @c > @c-3']],
  ['two left out in a row', '@a:1 @b:2 @c:3 @d:4', '@b:8 @c:9', ['-i @a @d']],
])('%s', (_what, sender, receiver, want) => {
  const from = dataset(localHome, '', sender);
  const base = from.bookmarks[0] ?? from.snapshots[0]!;
  const streams = carry(from, base, from.snapshots.at(-1)!, dataset(serverHome, '', receiver));
  expect(
    streams.map(({ range, target }) => {
      const words = [range.intermediates ? '-I' : '-i', last(range.from?.name ?? ''), last(range.to.name)];
      return target.includes('@') ? [...words, '>', last(target)].join(' ') : words.join(' ');
    }),
  ).toEqual(want);
});

test('one by one, for a server that lets nobody hold snapshots', () => {
  const from = dataset(serverHome, '', '@a:1 @b:2 @c:3 @d:4');
  const receiver = dataset(localHome, '', '@a:1');
  const streams = carry(from, from.snapshots[0]!, from.snapshots.at(-1)!, receiver, { oneByOne: true });
  expect(
    streams.map(({ range }) => [range.intermediates, last(range.from?.name ?? ''), last(range.to.name)]),
  ).toEqual([
    [false, '@a', '@b'],
    [false, '@b', '@c'],
    [false, '@c', '@d'],
  ]);
});
