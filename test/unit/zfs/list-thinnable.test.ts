import { describe, expect, test } from 'vitest';
import { createSimulatedHost } from '../../../src/simulator/host.ts';
import { createMachine } from '../../../src/simulator/machine.ts';
import { listThinnable } from '../../../src/zfs/commands/list-thinnable.ts';
import type { DatasetName } from '../../../src/zfs/names.ts';

const root = 'data/profiles' as DatasetName;
const { argv, parse } = listThinnable(root);
const dataset = (name: string) => `${name}\tfilesystem\t1\t1\t1700000000\t0\t8192\t-\t-\n`;
const snapshot = (name: string, txg: string, rest = '0\t') =>
  `${name}\tsnapshot\t18446744073709551615\t${txg}\t1700000000\t7\t9\t${rest}\n`;

describe('the list for thinning', () => {
  test('snapshots are in the order of createtxg, with what is in the way of destroying them', () => {
    const text =
      dataset(root) +
      dataset(`${root}/alice`) +
      snapshot(`${root}/alice@b`, '20', '2\t-') +
      snapshot(`${root}/alice@a`, '9', '0\tdata/profiles/bob,data/x') +
      `${root}/alice#c\tbookmark\t3\t4\t1600000000\t-\t-\t-\t-\n`;
    const [top, alice] = parse(text);
    expect(top).toEqual({ name: root, snapshots: [], bookmarks: [] });
    expect(alice?.bookmarks).toEqual([
      { kind: 'bookmark', name: `${root}/alice#c`, guid: '3', createtxg: 4n, creation: 1_600_000_000 },
    ]);
    expect(alice?.snapshots).toEqual([
      {
        kind: 'snapshot',
        name: `${root}/alice@a`,
        guid: '18446744073709551615',
        createtxg: 9n,
        creation: 1_700_000_000,
        written: 7n,
        used: 9n,
        isHeld: false,
        hasClones: true,
      },
      expect.objectContaining({ name: `${root}/alice@b`, isHeld: true, hasClones: false }),
    ]);
  });

  test.each([
    ['another type', `${root}\tvolume\t1\t1\t1\t0\t0\t-\t-\n`],
    ['a field too few', `${root}\tfilesystem\t1\n`],
    ['a warning in between', `warning\n${dataset(root)}`],
    ['no number of holds', dataset(root) + snapshot(`${root}@a`, '1', '-\t')],
    ['a bad name', dataset(root) + snapshot(`${root}@a@b`, '1')],
  ])('%s is not understood', (_what, text) => {
    expect(() => parse(text)).toThrow();
  });

  test('a volume among the homes stops the thinning of none, and is not thinned', () => {
    const text = dataset(root) + snapshot(`${root}/vm@s`, '3') + dataset(`${root}/alice`);
    const listed = parse(text + snapshot(`${root}/alice@a`, '9'));
    expect(listed.map(({ name, snapshots }) => [name, snapshots.length])).toEqual([
      [root, 0],
      [`${root}/alice`, 1],
    ]);
  });

  test('of a machine with holds and clones', async () => {
    const machine = createMachine({ pools: ['data'], now: () => 1_700_000_000_000, random: () => 77n });
    const host = createSimulatedHost({ name: 'server', machine });
    for (const words of [
      `create -p ${root}/alice`,
      `snapshot ${root}/alice@plain`,
      `snapshot ${root}/alice@held`,
      `snapshot ${root}/alice@origin`,
      `hold keep ${root}/alice@held`,
      `clone ${root}/alice@origin ${root}/branch`,
    ])
      expect((await host.run(['zfs', ...words.split(' ')])).stderr).toBe('');
    const listed = parse((await host.run(argv)).stdout);
    expect(
      listed.flatMap(({ snapshots }) => snapshots.map((one) => [one.name, one.isHeld, one.hasClones])),
    ).toEqual([
      [`${root}/alice@plain`, false, false],
      [`${root}/alice@held`, true, false],
      [`${root}/alice@origin`, false, true],
    ]);
  });
});
