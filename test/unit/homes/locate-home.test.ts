import { expect, test } from 'vitest';
import { placeOf } from '../../../src/homes/locate-home.ts';
import type { DatasetName } from '../../../src/zfs/names.ts';

/** `dataset place`, with `*` before what is mounted. */
const mounts = (...lines: readonly string[]) =>
  lines.map((line) => {
    const [name = '', mountpoint = ''] = line.replace('*', '').split(' ');
    return { name: name as DatasetName, mountpoint, mounted: line.startsWith('*') };
  });
const alice = '*tank/homes/alice /Users/alice';

test.each<[string, string | null, { root?: string; homeBase?: string }, readonly string[], string | null]>([
  ['by its place', 'alice', { homeBase: '/Users' }, [alice], 'tank/homes /Users'],
  ['by its dataset', 'alice', { root: 'tank/homes' }, [alice], 'tank/homes /Users'],
  ['by its name alone', 'alice', {}, [alice], 'tank/homes /Users'],
  ['as it was mounted last', 'alice', {}, [alice.slice(1)], 'tank/homes /Users'],
  [
    'what is mounted comes before what was',
    'alice',
    {},
    [alice, 'old/homes/alice /Users/alice'],
    'tank/homes /Users',
  ],
  ['two that are like it: neither', 'alice', {}, [alice, '*old/homes/alice /srv/alice'], null],
  ['somebody else’s', 'bob', {}, [alice], null],
  ['one that goes by another name', 'alice', {}, ['*tank/homes/alice /Users/old'], null],
  ['one that is nowhere', 'alice', {}, ['tank/homes/alice none', 'tank/alice legacy'], null],
  [
    'all who are at work',
    null,
    { homeBase: '/Users' },
    [alice, '*tank/homes/bob /Users/bob'],
    'tank/homes /Users',
  ],
  ['nobody is at work', null, { homeBase: '/Users' }, [alice.slice(1)], null],
])('a home is found: %s', (_name, user, known, lines, want) => {
  const found = placeOf(mounts(...lines), user, { root: null, homeBase: null, ...known });
  expect(found === null ? null : `${found.root} ${found.homeBase}`).toBe(want);
});
