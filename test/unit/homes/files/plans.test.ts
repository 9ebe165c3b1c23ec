import { describe, expect, test } from 'vitest';
import { describeLoss } from '../../../../src/cli/conflicts/discard-text.ts';
import { formatCounts, formatDifference, plainDifference } from '../../../../src/cli/text/tree-diff.ts';
import { localTime } from '../../../../src/format/time.ts';
import { asideName } from '../../../../src/homes/files/aside-name.ts';
import type { Difference } from '../../../../src/homes/files/compare.ts';
import { conflictLabel } from '../../../../src/homes/conflicts/conflict-label.ts';
import { uniqueSorted } from '../../../../src/homes/files/directory.ts';
import type { DiscardPlan } from '../../../../src/homes/conflicts/discard-plan.ts';
import { aspectsOf, type Entry } from '../../../../src/homes/files/entry.ts';
import { holdsMount, leadsTo, mountNamesIn, pathText } from '../../../../src/homes/files/file-tree.ts';
import { planFetch } from '../../../../src/homes/conflicts/plan-fetch.ts';
import { planRestore } from '../../../../src/homes/files/restore-plan.ts';
import { parseConflictName } from '../../../../src/homes/diverged/conflict-names.ts';
import { namesOf } from '../../../../src/homes/diverged/set-aside.ts';
import { commandsOf } from '../../../../src/sync/step-commands.ts';
import type { DatasetName } from '../../../../src/zfs/names.ts';
import { home, localHome, serverHome } from '../../../support/sync/homes.ts';

const conflictsRoot = 'data/conflicts' as DatasetName;
const target = 'data/conflicts/alice-mac7-then' as DatasetName;
const branch = 'tank/conflicts/alice-mac7-then' as DatasetName;

describe('what is brought from the server', () => {
  type Words = Parameters<typeof home>[1];
  const brief = (branchWords: Words, here: Words, server: Words, local: Words): string[] | string => {
    const view = {
      branch: home(branch, branchWords)!,
      here: home(target, here),
      serverHome: home(serverHome, server),
      localHome: home(localHome, local),
      showing: { acltype: 'posix' },
    };
    const plan = planFetch(view, { user: 'alice', conflictsRoot, target });
    if (plan.taken !== null) return `taken ${plan.taken}`;
    return plan.steps.map((step) => {
      const commands = commandsOf(step, '');
      const shown = (argv: readonly string[]) =>
        argv
          .filter((word) => !['zfs', '-P', '-v', '-u', '-s', '-o', '-p'].includes(word))
          .join(' ')
          .replace('canmount=noauto mountpoint=none', 'NEVER-MOUNTED')
          .replaceAll(branch, 'BRANCH')
          .replaceAll(target, 'HERE')
          .replaceAll(serverHome, 'SERVER')
          .replaceAll(localHome, 'HOME');
      return commands.kind === 'one'
        ? shown(commands.only.command.argv)
        : `${shown(commands.send.command.argv)} | ${shown(commands.receive.command.argv)}`;
    });
  };
  const room = 'create canmount=off mountpoint=none setuid=off devices=off acltype=posix data/conflicts';
  const mark = 'NEVER-MOUNTED roamhome:conflict=alice roamhome:fetching=on';

  test.each<[string, Words, Words, Words, Words, string[] | string]>([
    [
      'a clone of what both have, by guid, whatever its name here',
      `^${serverHome}@a @x:3 @y:4`,
      null,
      '@a:1',
      '@b:9=1',
      [
        room,
        `send -i SERVER@a BRANCH@x | receive origin=HOME@b ${mark} HERE`,
        'send -i BRANCH@x BRANCH@y | receive HERE',
      ],
    ],
    [
      'in full where this Mac lacks the origin',
      `^${serverHome}@a @x:3`,
      null,
      '@a:1',
      '@c:9',
      [room, `send BRANCH@x | receive ${mark} HERE`],
    ],
    [
      'in full where it is no clone',
      '@x:3',
      null,
      '@a:1',
      '@a:1',
      [room, `send BRANCH@x | receive ${mark} HERE`],
    ],
    ['nothing once it is here', `^${serverHome}@a @x:3`, '@x:3', '@a:1', '@a:1', []],
    [
      'the rest of what was sent there since',
      '@x:3 @y:4',
      '@x:3',
      '@a:1',
      null,
      ['send -i BRANCH@x BRANCH@y | receive HERE'],
    ],
    ['the rest of an interrupted stream', '@x:3', '>3', '@a:1', null, ['send -t 1-aa-bb-cc | receive HERE']],
    ['a stream whose snapshot is gone is given up', '@x:3', '>7', '@a:1', null, ['receive -A HERE']],
    [
      'and what belongs below it waits until it is there again',
      { '': '@x:3', mail: '@y:4' },
      '>7',
      '@a:1',
      null,
      ['receive -A HERE'],
    ],
    ['another line is left alone', '@x:3', '@z:5', '@a:1', null, 'taken HERE'],
  ])('%s', (_what, there, here, server, local, want) => {
    const found = brief(there, here, server, local);
    expect(typeof found === 'string' ? found.replace(target, 'HERE') : found).toEqual(want);
  });
});

const entry = (more: Partial<Entry> = {}): Entry => ({
  ...{
    kind: 'file',
    bytes: 5,
    mtimeNs: 1_000_000_000n,
    mode: 0o644,
    uid: 1,
    gid: 1,
    device: 1n,
    target: null,
  },
  ...more,
});

test.each<[string, Partial<Entry>, readonly string[]]>([
  ['nothing', {}, []],
  ['another size', { bytes: 6, mtimeNs: 5n }, ['content']],
  ['another time: the content has to be read', { mtimeNs: 5n }, ['content-unknown']],
  ['another kind, and nothing else matters', { kind: 'directory', mode: 0o755 }, ['kind']],
  ['mode and owner', { mode: 0o600, uid: 2 }, ['mode', 'owner']],
])('of two entries differs: %s', (_what, more, want) => {
  expect(aspectsOf(entry(), entry(more))).toEqual(want);
});

const at = (path: string) => ({
  path: Buffer.from(path),
  inConflict: Buffer.from(`/c/${path}`),
  inHome: Buffer.from(`/h/${path}`),
});
const directory = entry({ kind: 'directory', mode: 0o555 });

test('a restore is planned by directory, and tells what it leaves', () => {
  const differences: readonly Difference[] = [
    { ...at('a'), kind: 'only-conflict', conflict: entry(), below: null },
    { ...at('b'), kind: 'different', conflict: entry(), home: entry({ bytes: 1 }), aspects: ['content'] },
    { ...at('c'), kind: 'only-conflict', conflict: directory, below: { files: 1, bytes: 1 } },
    { ...at('d'), kind: 'only-conflict', conflict: directory, below: null },
    { ...at('d/e'), kind: 'only-conflict', conflict: entry(), below: null },
    { ...at('f'), kind: 'different', conflict: directory, home: entry(), aspects: ['kind'] },
    {
      ...at('g'),
      kind: 'different',
      conflict: directory,
      home: entry({ kind: 'directory' }),
      aspects: ['mode'],
    },
    { ...at('h'), kind: 'only-conflict', conflict: entry({ kind: 'other' }), below: null },
    { ...at('i'), kind: 'unknown', why: 'EIO' },
    { ...at('j'), kind: 'only-home', home: entry(), below: null },
    { ...at('k'), kind: 'different', conflict: entry(), home: entry({ mode: 0o600 }), aspects: ['mode'] },
  ];
  const brief = (overwrite: boolean) => {
    const wishes = { overwrite, label: 'before', besides: new Map([['b', 'b (mac-b)']]) };
    const { steps, skipped } = planRestore(differences, wishes);
    return {
      steps: steps.map((step) =>
        step.kind === 'make'
          ? `make ${step.place} ${step.mode.toString(8)}`
          : [
              `${step.replace ? 'replace' : 'add'} ${step.paths.map(pathText).join(' ')} from ${step.from.toString()} in ${step.into}`,
              ...[...step.beside].map(([name, as]) => `, ${name} as ${as}`),
              step.aside === null ? '' : `, kept as ${step.aside}`,
            ].join(''),
      ),
      skipped: skipped.map(({ path }) => pathText(path)).join(' '),
    };
  };
  expect(brief(false)).toEqual({
    steps: [
      'add a c from /c in /h',
      'add b from /c in /h, b as b (mac-b)',
      'make /h/d 755',
      'add d/e from /c/d in /h/d',
    ],
    skipped: 'f h i k',
  });
  expect(brief(true)).toEqual({
    steps: [
      'add a c from /c in /h',
      'replace b from /c in /h, kept as before',
      'make /h/d 755',
      'add d/e from /c/d in /h/d',
      'replace k from /c in /h',
    ],
    skipped: 'f h i',
  });
});

test.each([
  ['alice-mac-b-20261130T131305Z', `mac-b, 30 Nov 13.13`],
  ['alice-lab.7-20260102T000500Z-2', 'lab.7, 2 Jan 00.05'],
  ['renamed-by-an-admin', 'conflict'],
])('the versions of the conflict %s are called by Mac and time', (name, want) => {
  const label = conflictLabel(name, 'alice');
  expect(label).toBe(want);
  expect(asideName('essay.txt', label)).toBe(`essay (${want}).txt`);
});

describe('paths', () => {
  test('are bytes, shown as text', () => {
    expect(pathText(Buffer.from('Büro/e\u0301'))).toBe('Büro/e\u0301');
    expect(pathText(Buffer.from([0x61, 0xff, 0xc3, 0xbc, 0xc3]))).toBe('a\\xffü\\xc3');
  });

  test('lead to what is below them, not to what only begins alike', () => {
    const leads = (above: string, path: string) => leadsTo(Buffer.from(above), Buffer.from(path));
    expect([leads('', 'a'), leads('a', 'a'), leads('a', 'a/b'), leads('a', 'ab'), leads('a/b', 'a')]).toEqual(
      [true, true, true, false, false],
    );
  });

  test('know the datasets below them', () => {
    const tree = {
      mounts: new Map([
        ['', '/h'],
        ['mail', '/m'],
        ['mail/old', '/o'],
        ['mailbox', '/b'],
      ]),
      apart: new Map(),
    };
    const names = (path: string) => mountNamesIn(tree, Buffer.from(path)).map(String);
    expect([names(''), names('mail'), names('mai')]).toEqual([['mail', 'mailbox'], ['old'], []]);
    expect([holdsMount(tree, Buffer.from('mail')), holdsMount(tree, Buffer.from('mai'))]).toEqual([
      true,
      false,
    ]);
  });

  test('are sorted by their bytes, each once', () => {
    expect(uniqueSorted(['b', 'a', 'é', 'b', 'Z'].map((name) => Buffer.from(name))).map(String)).toEqual([
      'Z',
      'a',
      'b',
      'é',
    ]);
  });
});

describe('in words', () => {
  const when = localTime(1000);

  test('a difference', () => {
    const differences: readonly Difference[] = [
      { ...at('new\u001b[2J'), kind: 'only-conflict', conflict: entry({ bytes: 1536 }), below: null },
      { ...at('dir'), kind: 'only-home', home: directory, below: { files: 1, bytes: 10 } },
      {
        ...at('both'),
        kind: 'different',
        conflict: entry(),
        home: entry({ mode: 0o600 }),
        aspects: ['mode'],
      },
      { ...at('bad'), kind: 'unknown', why: 'it cannot be read: EIO' },
    ];
    expect(differences.map(formatDifference)).toEqual([
      `+ new\\u001b[2J  (1.5 KiB, ${when}, 0644 1:1)`,
      '- dir/  (1 file, 10 B)',
      `~ both  (mode: conflict 5 B, ${when}, 0644 1:1; home 5 B, ${when}, 0600 1:1)`,
      '? bad  (it cannot be read: EIO)',
    ]);
    expect(formatCounts(new Map([['only-conflict', 2]]))).toBe(
      '+ 2 only in the conflict, - 0 only in the home, ~ 0 different',
    );
    expect(plainDifference(differences[2]!)).toMatchObject({
      path: 'both',
      conflict: { kind: 'file', modified: '1970-01-01T00:00:01.000Z', mode: '0644' },
    });
    const bytes = Buffer.from([0xff]);
    expect(plainDifference({ ...differences[3]!, path: bytes })).toMatchObject({
      path: '\\xff',
      pathBase64: '/w==',
    });
  });

  test('what is lost with a conflict', () => {
    const plan: DiscardPlan = {
      ...{
        dataset: target,
        user: 'alice',
        datasets: [],
        snapshots: 2,
        usedBytes: 2048,
        unsnapshottedBytes: 10,
      },
      ...{ since: 1, newest: 1, elsewhere: 'unknown' },
    };
    expect(describeLoss(plan, 'the server').slice(1)).toEqual([
      `  what alice made from ${when} to ${when}`,
      '  2 snapshots, 0 datasets, 2.0 KiB of its own',
      '  10 B in it are in no snapshot',
      '  the server could not be asked: this MAY BE THE ONLY COPY',
    ]);
  });
});

test.each([
  ['alice-mac7-20261120T064500Z', 'alice', { macName: 'mac7', since: 1_795_157_100 }],
  ['alice-mac-b-20261120T064500Z-1234', 'alice', { macName: 'mac-b', since: 1_795_157_100 }],
  ['alice-mac7', 'alice', null],
  ['bob-mac7-20261120T064500Z', 'alice', null],
])('the name %s of %s says %j', (name, user, want) => {
  expect(parseConflictName(name, user)).toEqual(want);
});

test('the names that a home notes', () => {
  expect([undefined, '-', 'none', 'a,b'].map(namesOf)).toEqual([[], [], [], ['a', 'b']]);
});
