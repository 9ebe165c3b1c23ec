import { describe, expect, test } from 'vitest';
import { planBranch } from '../../../../src/homes/diverged/branch.ts';
import { conflictNameFor, nextHomeFor } from '../../../../src/homes/diverged/conflict-names.ts';
import { pairDatasets } from '../../../../src/sync/home-state.ts';
import { planRecovery, unfinishedConflict } from '../../../../src/homes/diverged/recover.ts';
import { planSetAside } from '../../../../src/homes/diverged/set-aside.ts';
import { commandsOf } from '../../../../src/sync/step-commands.ts';
import type { Step } from '../../../../src/sync/step.ts';
import type { DatasetName } from '../../../../src/zfs/names.ts';
import { home, localHome, serverHome } from '../../../support/sync/homes.ts';

const conflictsRoot = 'data/conflicts' as DatasetName;
const conflict = 'data/conflicts/alice-mac7-then' as DatasetName;
const branch = 'tank/conflicts/alice-mac7-then' as DatasetName;
const nextHome = nextHomeFor(conflictsRoot, 'alice');

/** A home in the words of homes.ts: of one dataset, or by path. */
type Words = string | Readonly<Record<string, string>> | null;

/** The commands of steps, without what is the same in all. */
function brief(steps: readonly Step[]): string[] {
  const short = (argv: readonly string[]): string =>
    argv
      .slice(1)
      .filter((word) => !['-P', '-v', '-u', '-s', '-L', '-e', '-c', '-o', '-p'].includes(word))
      .filter((word) => !word.startsWith('roamhome:set-aside='))
      .join(' ')
      .replaceAll(branch, 'BRANCH')
      .replaceAll(conflict, 'CONFLICT')
      .replaceAll(nextHome, 'NEXT')
      .replaceAll(localHome, 'HOME')
      .replaceAll(serverHome, 'SERVER');
  return steps.map((step) => {
    const commands = commandsOf(step, 'Lec');
    return commands.kind === 'one'
      ? short(commands.only.command.argv)
      : `${short(commands.send.command.argv)} | ${short(commands.receive.command.argv)}`;
  });
}

test('a conflict is named by its first snapshot, in UTC', () => {
  const [first] = home(localHome, '@a:1')!.datasets[0]!.snapshots;
  expect(conflictNameFor('alice', 'mac7', { ...first!, creation: 1795157100 })).toBe(
    'alice-mac7-20261120T064500Z',
  );
});

describe('the branch on the server', () => {
  const plan = (local: Words, server: Words, there: Words = null) =>
    planBranch(pairDatasets(home(localHome, local), home(serverHome, server)), home(branch, there), {
      user: 'alice',
      branch,
      flags: 'Lec',
    });
  const mark = 'roamhome:conflict=alice';

  test.each<[string, Words, Words, Words, string[]]>([
    [
      'a clone of the newest common snapshot, with what was made since',
      '@a:1 @x:2',
      '@a:1 @b:5',
      null,
      [`send -i HOME@a HOME@x | receive origin=SERVER@a ${mark} BRANCH`],
    ],
    [
      'several snapshots: the first makes the clone',
      '@a:1 @x:2 @y:3 @z:4',
      '@a:1 @b:5',
      null,
      [
        `send -i HOME@a HOME@x | receive origin=SERVER@a ${mark} BRANCH`,
        'send -I HOME@x HOME@z | receive BRANCH',
      ],
    ],
    [
      'from a bookmark on this Mac',
      '#a:1 @x:2',
      '@a:1 @b:5',
      null,
      [`send -i HOME#a HOME@x | receive origin=SERVER@a ${mark} BRANCH`],
    ],
    [
      'in full, where the server has thinned the common snapshot',
      '@a:1 @x:2',
      '#a:1 @b:5',
      null,
      [`send HOME@a | receive ${mark} BRANCH`, 'send -i HOME@a HOME@x | receive BRANCH'],
    ],
    ['in full, where nothing is common', '@x:2', '@a:1', null, [`send HOME@x | receive ${mark} BRANCH`]],
    ['there already', '@a:1 @x:2', '@a:1 @b:5', '^SERVER@a @x:2', []],
    [
      'grown since',
      '@a:1 @x:2 @y:3',
      '@a:1 @b:5',
      '^SERVER@a @x:2',
      ['send -i HOME@x HOME@y | receive BRANCH'],
    ],
    ['cut short', '@a:1 @x:2', '@a:1 @b:5', '>1..2', ['send -t 1-aa-bb-cc | receive BRANCH']],
    [
      'a child that differs brings its parent along',
      { '': '@a:1 @s:2~', Library: '@l:11 @s:12' },
      { '': '@a:1', Library: '@l:11 @b:15' },
      null,
      [
        `send -i HOME@a HOME@s | receive origin=SERVER@a ${mark} BRANCH`,
        'send -i HOME/Library@l HOME/Library@s | receive origin=SERVER/Library@l BRANCH/Library',
      ],
    ],
    [
      'whose head the server has',
      { '': '@a:1 @b:2', Library: '@l:11 @x:12' },
      { '': '@a:1 @b:2', Library: '@l:11 @y:15' },
      null,
      [
        `send -i HOME@a HOME@b | receive origin=SERVER@a ${mark} BRANCH`,
        'send -i HOME/Library@l HOME/Library@x | receive origin=SERVER/Library@l BRANCH/Library',
      ],
    ],
    ['nothing for a home that is behind', '@a:1', '@a:1 @b:5', null, []],
  ])('%s', (_what, local, server, there, want) => {
    const { steps, refusal } = plan(local, server, there);
    expect(refusal).toBeNull();
    expect(brief(steps)).toEqual(want);
  });

  test.each<[string, Words, Words, string]>([
    ['another line under its name', '@a:1 @x:2', '@q:9', 'branch-taken'],
    ['what waits there is not ours', '@a:1 @x:2', '>1..77', 'server-blocked'],
    ['what waits there cannot be read', '@a:1 @x:2', '>?', 'server-blocked'],
  ])('refused: %s', (_what, local, there, want) => {
    expect(plan(local, '@a:1 @b:5', there).refusal?.kind).toBe(want);
  });
});

describe('setting aside', () => {
  const plan = (local: Words, server: Words, next: Words = null) => {
    const mine = home(localHome, local)!;
    return planSetAside(pairDatasets(mine, home(serverHome, server)), mine, home(nextHome, next), {
      user: 'alice',
      localHome,
      conflictsRoot,
      conflict,
      nextHome,
      pullOneByOne: false,
      flags: 'Lec',
      apart: false,
      showing: { acltype: 'posix' },
      properties: new Map([
        [localHome, { quota: '10737418240', mountpoint: '/Users/alice', encryption: 'on' }],
      ]),
    });
  };
  const containers = [
    'create canmount=off mountpoint=none setuid=off devices=off acltype=posix data/conflicts',
    'create canmount=off mountpoint=none setuid=off devices=off acltype=posix data/conflicts/next',
  ];
  const properties = 'quota=10737418240 mountpoint=/Users/alice canmount=noauto';
  const swap = ['set roamhome:conflict=alice HOME', 'rename HOME CONFLICT', 'rename NEXT HOME'];
  const successor = `send -i SERVER@a SERVER@b | receive origin=HOME@a ${properties} NEXT`;

  test.each<[string, Words, Words, Words, string[]]>([
    [
      'a clone with what the server has since takes its place',
      '@a:1 @x:2',
      '@a:1 @b:5',
      null,
      [...containers, successor, ...swap, 'promote HOME'],
    ],
    [
      'several snapshots: the first makes the clone',
      '@a:1 @x:2',
      '@a:1 @b:5 @c:6 @d:7',
      null,
      [...containers, successor, 'send -I SERVER@b SERVER@d | receive NEXT', ...swap, 'promote HOME'],
    ],
    [
      'from a bookmark on the server',
      '@a:1 @x:2',
      '#a:1 @b:5',
      null,
      [...containers, successor.replace('SERVER@a', 'SERVER#a'), ...swap, 'promote HOME'],
    ],
    [
      'it is prepared already',
      '@a:1 @x:2',
      '@a:1 @b:5',
      `^${localHome}@a @b:5`,
      [...containers, ...swap, 'promote HOME'],
    ],
    [
      'it is prepared, but the server has moved on since',
      '@a:1 @x:2',
      '@a:1 @b:5 @c:6',
      `^${localHome}@a @b:5`,
      [...containers, 'send -i SERVER@b SERVER@c | receive NEXT', ...swap, 'promote HOME'],
    ],
    [
      'all of the server where nothing is common',
      '@x:2',
      '@a:1 @b:5',
      null,
      [
        ...containers,
        'send SERVER@b | receive canmount=noauto quota=10737418240 mountpoint=/Users/alice NEXT',
        ...swap,
      ],
    ],
    [
      'children, the home last; one that the server has nothing new of is a mere clone',
      { '': '@a:1 @x:2', Library: '@l:11 @x:12', Caches: 'off' },
      { '': '@a:1 @b:5', Library: '@l:11' },
      null,
      [
        ...containers,
        successor,
        'clone canmount=noauto HOME/Library@l NEXT/Library',
        ...swap,
        'rename CONFLICT/Caches HOME/Caches',
        'promote HOME/Library',
        'promote HOME',
      ],
    ],
    [
      'a child that the server does not have goes with the line',
      { '': '@a:1 @x:2', New: '@x:12' },
      { '': '@a:1 @b:5' },
      null,
      [...containers, successor, ...swap, 'promote HOME'],
    ],
  ])('%s', (_what, local, server, next, want) => {
    const { steps, swaps } = plan(local, server, next);
    expect(brief(steps)).toEqual(want);
    expect(swaps).toBe(true);
  });

  test.each<[string, Words, Words, Words, string[]]>([
    [
      'the receive that was cut goes on',
      '@a:1 @x:2',
      '@a:1 @b:5',
      `^${localHome}@a >1..5`,
      [...containers, 'send -t 1-aa-bb-cc | receive NEXT'],
    ],
    [
      'the receive of all the server has goes on',
      '@x:2',
      '@a:1 @b:5',
      '>5',
      [...containers, 'send -t 1-aa-bb-cc | receive NEXT'],
    ],
    [
      'or is given up when it leads nowhere any more',
      '@x:2',
      '@a:1 @b:5',
      '>77',
      [...containers, 'receive -A NEXT'],
    ],
    [
      'and what belongs below it waits until it is there again',
      { '': '@x:2', mail: '@l:11', new: '@m:21 @n:22' },
      { '': '@a:1 @b:5', mail: '@l:11', new: '@m:21 @o:25' },
      '>77',
      [...containers, 'receive -A NEXT'],
    ],
    [
      'what was prepared for another state is put away',
      '@a:1 @x:2',
      '@a:1 @b:5',
      '^data/profiles/alice@other @b:5',
      ['rename NEXT CONFLICT-unused'],
    ],
  ])('first, %s', (_what, local, server, next, want) => {
    const { steps, swaps } = plan(local, server, next);
    expect(brief(steps)).toEqual(want);
    expect(swaps).toBe(false);
  });
});

test('the successor names what is set aside for it, after what was set aside before', () => {
  const mine = home(localHome, { '': '@a:1 @x:2', Library: '@l:11 @x:12' })!;
  const words = (own: Readonly<Record<string, string>>): readonly string[] =>
    planSetAside(pairDatasets(mine, home(serverHome, { '': '@a:1 @b:5', Library: '@l:11' })), mine, null, {
      ...{ user: 'alice', localHome, conflictsRoot, conflict, nextHome, pullOneByOne: false },
      flags: 'Lec',
      apart: false,
      showing: {},
      properties: new Map([[localHome, own]]),
    })
      .steps.flatMap((step) => {
        const commands = commandsOf(step, '');
        return commands.kind === 'one' ? commands.only.command.argv : commands.receive.command.argv;
      })
      .filter((word) => word.startsWith('roamhome:set-aside='));
  expect(words({})).toEqual(['roamhome:set-aside=alice-mac7-then']);
  expect(words({ 'roamhome:set-aside': 'old,alice-mac7-then,older' })).toEqual([
    'roamhome:set-aside=old,alice-mac7-then,older',
  ]);
  expect(words({ 'roamhome:set-aside': 'none' })).toEqual(['roamhome:set-aside=alice-mac7-then']);
});

describe('what a crash left', () => {
  test.each<[string, Words, Words, string[]]>([
    ['before the first promotion', `^${conflict}@a`, '@a:1 @x:2', ['promote HOME']],
    [
      'between the promotions',
      { '': `^${conflict}@a`, Library: '@l:11' },
      { '': '@a:1 @x:2', Library: `^${localHome}/Library@l @x:12` },
      ['promote HOME'],
    ],
    [
      'before what is not synced was moved back',
      { '': `^${conflict}@a`, Library: `^${conflict}/Library@l` },
      { '': '@a:1 @x:2', Library: '@l:11', Caches: 'off', 'Gone/Cache': 'off' },
      ['rename CONFLICT/Caches HOME/Caches', 'promote HOME/Library', 'promote HOME'],
    ],
  ])('%s', (_what, local, aside, want) => {
    const mine = home(localHome, local)!;
    expect(unfinishedConflict(mine, conflictsRoot)).toBe(conflict);
    expect(brief(planRecovery(mine, home(conflict, aside)!, conflictsRoot))).toEqual(want);
  });

  test('nothing, for a home that hangs on nothing, or on an admin’s dataset', () => {
    expect(unfinishedConflict(home(localHome, '@a:1')!, conflictsRoot)).toBeNull();
    expect(unfinishedConflict(home(localHome, '^data/other@a')!, conflictsRoot)).toBeNull();
  });
});
