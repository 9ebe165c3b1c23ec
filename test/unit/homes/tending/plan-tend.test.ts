import { describe, expect, test } from 'vitest';
import { markOf, type Contents } from '../../../../src/sync/likeness.ts';
import {
  describeTend,
  planTend,
  type MergedBranch,
  type TendMemory,
} from '../../../../src/homes/tending/plan-tend.ts';
import { parseMemory } from '../../../../src/homes/tending/memory-file.ts';
import type { DatasetName } from '../../../../src/zfs/names.ts';
import type { Dataset } from '../../../../src/zfs/version.ts';
import { dataset } from '../../../support/sync/homes.ts';

const homesRoot = 'data/profiles' as DatasetName;
const conflictsRoot = 'data/conflicts' as DatasetName;
const hour = 3_600_000;

/** Datasets from the words of homes.ts by name; `alice:` in front says whose branch it is. */
function listed(datasets: Readonly<Record<string, string>>): Dataset[] {
  return Object.entries(datasets).map(([name, words]) => {
    const [, user = '-', rest = words] = /^(\w+): (.*)$/.exec(words) ?? [];
    const {
      path: _path,
      change: _change,
      partial: _partial,
      ...plain
    } = dataset(name as DatasetName, '', rest);
    return { ...plain, properties: { 'roamhome:conflict': user } };
  });
}

function plan(
  homes: Readonly<Record<string, string>>,
  conflicts: Readonly<Record<string, string>>,
  memory: TendMemory = {},
  now = 10 * hour,
  contents: Contents = {},
) {
  const view = {
    homes: listed(homes),
    conflicts: listed(conflicts),
    removed: [],
    programs: [],
    homesRoot,
    conflictsRoot,
  };
  return planTend(view, memory, contents, {
    now,
    idleMs: hour,
    longestMs: 30 * 24 * hour,
    markOf: (token) => `mark of ${token}`,
  });
}

/** All twins hold the same, each pair something of its own. */
function sameContents(compare: readonly MergedBranch[]): Contents {
  return Object.fromEntries(
    compare.flatMap(({ twins }) =>
      twins.flatMap(({ branch, home }, index) => [branch, home].map((one) => [markOf(one), `${index}`])),
    ),
  );
}

describe('interrupted receives', () => {
  const home = 'data/profiles/alice';
  const waiting = { [home]: '@a:1 >1..2' };
  const mark = 'mark of 1-aa-bb-cc';
  const was = (hours: number) => ({ mark, since: hours * hour, head: '1', begun: hours * hour });

  test.each<[string, TendMemory, number[], number]>([
    ['seen for the first time: waits', {}, [], 10 * hour],
    ['seen a while ago: waits', { [home]: was(9.5) }, [], 9.5 * hour],
    ['seen as long ago as it may wait', { [home]: was(9) }, [hour], 9 * hour],
    ['has moved on since: waits anew', { [home]: { ...was(0), mark: 'another' } }, [], 10 * hour],
    ['the clock was set back: not older than now', { [home]: was(20) }, [], 10 * hour],
  ])('%s', (_what, memory, idle, since) => {
    const { abort, memory: next } = plan(waiting, {}, memory);
    const begun = Math.min(memory[home]?.begun ?? 10 * hour, 10 * hour);
    expect(abort.map(({ idleMs }) => idleMs)).toEqual(idle);
    expect(next).toEqual({ [home]: { mark, since, head: '1', begun } });
  });

  test('who feeds one each hour keeps it for a month, and not for ever', () => {
    let memory: TendMemory = {};
    let hours = 0;
    const run = (words: string): readonly string[] => {
      const found = plan({ [home]: words }, {}, memory, (hours += 1) * hour);
      // Another state each time, as a token tells it.
      memory = Object.fromEntries(
        Object.entries(found.memory).map(([name, seen]) => [name, { ...seen, mark: `fed ${hours}` }]),
      );
      return describeTend(found);
    };
    while (hours < 30 * 24) expect(run('@a:1 >1..2')).toEqual([]);
    expect(run('@a:1 >1..2')).toEqual([
      `give up the interrupted receive in ${home}: it has not ended for 30 days`,
    ]);
    // It was alive just then: the next run tries again.
    expect(run('@a:1 >1..2')).toHaveLength(1);
    // A long one that ended, and the next: each has its own month.
    expect(run('@a:1 @b:2 >2..3')).toEqual([]);
  });

  test('what is gone is forgotten', () => {
    expect(plan({ [home]: '@a:1' }, {}, { [home]: was(0) }).memory).toEqual({});
  });
});

describe('branches', () => {
  const branch = 'data/conflicts/alice-mac7-then';
  const home = 'data/profiles/alice';

  test.each<[string, Readonly<Record<string, string>>, Readonly<Record<string, string>>, string[]]>([
    ['whose head the home has', { [home]: '@a:1 @x:2 @y:3' }, { [branch]: 'alice: @x:2' }, [branch]],
    ['whose head the home has as a bookmark alone', { [home]: '#x:2 @y:3' }, { [branch]: 'alice: @x:2' }, []],
    [
      'of which the home has a part as a bookmark, with which nothing can be compared',
      { [home]: '#x:2 @y:3' },
      { [branch]: 'alice: @x:2 @y:3' },
      [],
    ],
    [
      'of which the home lacks what holds nothing',
      { [home]: '@y:3' },
      { [branch]: 'alice: @x:2~ @y:3' },
      [branch],
    ],
    ['that was written to since', { [home]: '@x:2' }, { [branch]: 'alice: @x:2 +' }, []],
    ['of which the home has the end alone', { [home]: '@y:3' }, { [branch]: 'alice: @x:2 @y:3' }, []],
    ['whose head the home does not have', { [home]: '@a:1 @b:5' }, { [branch]: 'alice: @x:2' }, []],
    ['of which only an older snapshot is there', { [home]: '@x:2' }, { [branch]: 'alice: @x:2 @y:3' }, []],
    ['that is being sent', { [home]: '@x:2' }, { [branch]: 'alice: @x:2 >2..3' }, []],
    ['that is not marked', { [home]: '@x:2' }, { [branch]: '@x:2' }, []],
    ['of another user', { [home]: '@x:2' }, { [branch]: 'bob: @x:2' }, []],
    ['without a snapshot', { [home]: '@x:2' }, { [branch]: 'alice: ' }, []],
    [
      'with a dataset below it that the home lacks',
      { [home]: '@x:2', [`${home}/mail`]: '@m:7' },
      { [branch]: 'alice: @x:2', [`${branch}/mail`]: '@n:8' },
      [],
    ],
  ])('%s', (_what, homes, conflicts, want) => {
    const { remove, compare } = plan(homes, conflicts);
    expect([remove, compare.map((merged) => merged.branch)]).toEqual([[], want]);
  });

  test('what was seen is removed by name, the deepest first', () => {
    const lines: [Record<string, string>, Record<string, string>] = [
      { [home]: '@w:1 @x:2', [`${home}/mail`]: '@m:7' },
      { [branch]: 'alice: @w:1 @x:2', [`${branch}/mail`]: '@m:7' },
    ];
    const contents = sameContents(plan(...lines).compare);
    const { remove, abort } = plan(...lines, {}, 10 * hour, contents);
    expect(remove).toMatchObject([
      {
        branch,
        home,
        aside: 'data/roamhome-removed/alice-mac7-then.removed-19700101T100000Z',
        datasets: [
          { name: `${branch}/mail`, snapshots: [`${branch}/mail@m`] },
          { name: branch, snapshots: [`${branch}@w`, `${branch}@x`] },
        ],
      },
    ]);
    expect(
      describeTend({ abort, end: [], remove, compare: [], destroy: [], unproven: [], doubled: [] }),
    ).toEqual([
      `remove the branch ${branch} (kept for 30 days as data/roamhome-removed/alice-mac7-then.removed-19700101T100000Z): ${home} has @m @x`,
    ]);
  });
});

describe('what was read of twins', () => {
  const [branch, home] = ['data/conflicts/alice-mac7-then', 'data/profiles/alice'];
  const homes = { [home]: '@x:2 @y:3' };
  const conflicts = { [branch]: 'alice: @x:2 @y:3' };
  const later = (contents: Contents) => plan(homes, conflicts, {}, 0, contents);
  const { compare } = plan(homes, conflicts);
  const all = sameContents(compare);
  const [first = '', , , last = ''] = Object.keys(all);

  test('a branch goes where each pair is the same', () => {
    expect(later(all)).toMatchObject({ remove: [{ branch }], compare: [], unproven: [], contents: all });
  });

  test.each(Object.keys(all))('it is compared while there is no digest of %s', (mark) => {
    const { [mark]: _gone, ...rest } = all;
    expect(later(rest)).toMatchObject({ remove: [], compare: [{ branch }], unproven: [], contents: rest });
  });

  test.each([first, last])('it stays for good where %s holds something else', (mark) => {
    const { remove, compare, unproven } = later({ ...all, [mark]: 'else' });
    expect({ remove, compare, unproven }).toEqual({
      ...{ remove: [], compare: [] },
      unproven: [{ branch, home, why: 'different' }],
    });
  });

  test('what was read of another snapshot of that name and guid counts for nothing', () => {
    const [mark = ''] = Object.keys(all);
    const { [mark]: digest = '', ...rest } = all;
    const { remove, contents } = later({ ...rest, [`${mark}0`]: digest });
    expect([remove, contents]).toEqual([[], rest]);
  });
});

test.each(['', 'null', '[1]', '{"a":1}', '{"a":{"mark":1,"since":"x"}}', '{'])(
  'a memory that cannot be understood counts as empty: %s',
  (text) => {
    expect(parseMemory(text)).toEqual({});
  },
);
