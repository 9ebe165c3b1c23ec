import { describe, expect, test } from 'vitest';
import { pairDatasets } from '../../../src/sync/home-state.ts';
import { relate } from '../../../src/sync/relation.ts';
import { successorProperties } from '../../../src/homes/diverged/set-aside.ts';
import { dataset, home, localHome, serverHome } from '../../support/sync/homes.ts';

function relation(mac: string, server: string): string {
  return relate({ path: '', local: dataset(localHome, '', mac), server: dataset(serverHome, '', server) })
    .kind;
}

describe('what both sides have of a dataset', () => {
  // A receive needs its base as a real snapshot: what a side has made after that one is in the way of it.
  test.each([
    [
      'the server has changes after the newest snapshot that it still has of both',
      '@a:1 @x:3 @n:9',
      '@a:1 @t:2=77 #x:3',
      'diverged',
    ],
    ['it has only a snapshot without changes there', '@a:1 @x:3 @n:9', '@a:1 @t:2=77~ #x:3', 'ahead'],
    [
      'this Mac has changes after the newest snapshot that it still has of both',
      '@a:1 @t:2=77 #x:3',
      '@a:1 @x:3 @n:9',
      'diverged',
    ],
    ['it has only a snapshot without changes there', '@a:1 @t:2=77~ #x:3', '@a:1 @x:3 @n:9', 'behind'],
  ])('%s: %s against %s is %s', (_what, mac, server, want) => {
    expect(relation(mac, server)).toBe(want);
  });
});

describe('an excluded dataset', () => {
  test.each(['caches', 'Library/Caches'])('takes what lies below it along, and no other: %s', (excluded) => {
    const words = { '': '@a:1', [`${excluded}2`]: '@m:7', [`${excluded}/deep`]: '@d:8', [excluded]: 'off' };
    const paths = pairDatasets(home(localHome, words), home(serverHome, '@a:1')).map(({ path }) => path);
    expect(paths.sort()).toEqual(['', `${excluded}2`]);
  });
});

test('the home that takes the place of one that was set aside is no conflict itself', () => {
  const own = { quota: '10G', 'roamhome:conflict': 'alice', 'roamhome:excluded': 'Work' };
  expect(successorProperties(own, { apart: false })).toEqual({
    quota: '10G',
    'roamhome:excluded': 'Work',
    canmount: 'noauto',
  });
});
