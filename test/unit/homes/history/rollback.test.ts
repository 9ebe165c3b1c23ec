import { describe, expect, test } from 'vitest';
import { asideOf } from '../../../../src/homes/history/plan-rollback.ts';
import { rollback, type Differing, type RollbackOptions } from '../../../../src/homes/history/rollback.ts';
import { splitWords } from '../../../../src/homes/history/split-words.ts';
import type { Argv, Host } from '../../../../src/host/host.ts';
import { mountedFiles, readFrom, treeOf } from '../../../../src/simulator/files/files.ts';
import { createSimulatedHost } from '../../../../src/simulator/host.ts';
import { createMachine, type Machine } from '../../../../src/simulator/machine.ts';
import { parseDatasetName, parseSnapshotName } from '../../../../src/zfs/names.ts';
import { createSyncZfs } from '../../../../src/zfs/sync-zfs.ts';

const dataset = parseDatasetName('data/tm');
const now = new Date(Date.UTC(2026, 10, 26, 14, 3, 12));
const aside = asideOf(dataset, '20261126T140312Z');
const keptNow = '@before-rollback-20261126T140312Z';

interface Place {
  readonly machine: Machine;
  readonly host: Host;
  /** What ran that is not zfs, and the zfs commands that change something. */
  readonly journal: string[];
}

/** A dataset with a quota and one below it, at its third version: s1 and s2 are snapshots. */
async function create(properties = 'mountpoint=/tm'): Promise<Place> {
  let guid = 100n;
  const machine = createMachine({ pools: ['data'], random: () => (guid += 7n), now: () => now.getTime() });
  const simulated = createSimulatedHost({ name: 'this Mac', machine });
  const journal: string[] = [];
  const host: Host = {
    ...simulated,
    run: (argv, options) => {
      if (argv[0] === 'zfs') return simulated.run(argv, options);
      journal.push(argv.join(' '));
      const exitCode = argv[0] === 'false' ? 1 : 0;
      return Promise.resolve({ stdout: '', stderr: '', exitCode, signal: null });
    },
  };
  const zfs = async (...words: readonly string[]): Promise<void> => {
    const { exitCode, stderr } = await host.run(['zfs', ...words]);
    if (exitCode !== 0) throw new Error(stderr);
  };
  const set = properties.split(' ').flatMap((one) => ['-o', one]);
  await zfs('create', ...set, '-o', 'quota=1073741824', dataset);
  if (properties.includes('noauto')) await zfs('mount', dataset);
  await zfs('create', `${dataset}/below`);
  mountedFiles(machine, `${dataset}/below`).write('x', 'below');
  for (const [version, name] of [
    ['one', 's1'],
    ['two', 's2'],
    ['three', null],
  ] as const) {
    mountedFiles(machine, dataset).write('file', version);
    if (name !== null) await zfs('snapshot', `${dataset}@${name}`);
  }
  return { machine, host, journal };
}

async function back(
  { host, journal }: Place,
  options: Partial<RollbackOptions> & { readonly counted?: (differing: Differing | null) => void } = {},
) {
  const observer = {
    command: (_place: string, argv: Argv, mutates: boolean) => {
      if (mutates && argv[1] !== 'diff') journal.push(argv.slice(1).join(' '));
    },
    warning: () => undefined,
  };
  return rollback({
    ...{
      zfs: createSyncZfs(host, observer),
      to: parseSnapshotName(`${dataset}@s1`),
      now,
      before: [],
      after: [],
    },
    confirm: (_plan, differing) => {
      options.counted?.(differing);
      return Promise.resolve(true);
    },
    said: () => undefined,
    signal: new AbortController().signal,
    ...options,
  });
}

const shorts = (machine: Machine, name: string): readonly string[] =>
  machine.datasets.get(name)?.snapshots.map(({ short }) => short) ?? [];
const valueOf = (machine: Machine, name: string, property: string): string | undefined =>
  machine.datasets.get(name)?.properties.get(property)?.value;

/** As it was at s1, with all that was kept beside it, and what lies below it where it was. */
function expectDone({ machine }: Place): void {
  const read = (name: string): string | null => readFrom(treeOf(machine, name), 'file');
  expect([read(dataset), shorts(machine, dataset)]).toEqual(['one', ['s1']]);
  expect([read(`${aside}@s2`), read(`${aside}${keptNow}`), read(aside)]).toEqual(['two', 'three', 'three']);
  expect([...machine.datasets.keys()].filter((name) => name.startsWith('data/')).sort()).toEqual(
    [dataset, aside, `${dataset}/below`].sort(),
  );
  expect(readFrom(treeOf(machine, `${dataset}/below`), 'x')).toBe('below');
  const mounted = [dataset, `${dataset}/below`, aside].map(
    (name) => machine.datasets.get(name)?.mounted !== null,
  );
  expect(mounted).toEqual([true, true, false]);
}

describe('a rollback', () => {
  test('puts a dataset back, and keeps all that it was', async () => {
    const place = await create();
    const counted: (Differing | null)[] = [];
    const plan = await back(place, { counted: (differing) => counted.push(differing) });
    expect(plan).toMatchObject({ keptAs: aside, loss: { snapshots: [{ name: `${dataset}@s2` }] } });
    expect(counted).toEqual([{ added: 0, removed: 0, modified: 1, renamed: 0 }]);
    expectDone(place);
    expect(place.journal).toEqual([
      `unmount ${dataset}`,
      `snapshot ${dataset}${keptNow}`,
      expect.stringMatching(/^clone .*-o canmount=noauto .*data\/tm@s1 data\/tm-rollback-next$/),
      `set canmount=noauto ${dataset}`,
      `rename -u ${dataset} ${aside}`,
      `rename -u ${dataset}-rollback-next ${dataset}`,
      `rename -u ${aside}/below ${dataset}/below`,
      `promote ${dataset}`,
      `mount ${dataset}`,
      `mount ${dataset}/below`,
      `set canmount=on ${dataset}`,
      `inherit roamhome:rollback ${dataset}`,
    ]);
    expect(await back(place)).toBeNull();
  });

  test('to the newest snapshot takes back what was changed since, and keeps that', async () => {
    const { machine, host, journal } = await create();
    const plan = await back({ machine, host, journal }, { to: parseSnapshotName(`${dataset}@s2`) });
    expect(plan).toMatchObject({ keptAs: aside, loss: { snapshots: [] } });
    expect(readFrom(treeOf(machine, dataset), 'file')).toBe('two');
    expect(readFrom(treeOf(machine, aside), 'file')).toBe('three');
  });

  test.each(
    [...Array(12).keys()].flatMap((at) => (['before', 'after'] as const).map((when) => [when, at] as const)),
  )('killed %s its command %i and run again comes to the same', async (when, at) => {
    const place = await create();
    let count = 0;
    const killed = new Error('killed');
    const { host } = place;
    const dying: Host = {
      ...host,
      run: async (argv, options) => {
        const mutates = !['list', 'get'].includes(argv[1] ?? '');
        if (!mutates) return host.run(argv, options);
        const isLast = count++ === at;
        if (isLast && when === 'before') throw killed;
        const result = await host.run(argv, options);
        if (isLast) throw killed;
        return result;
      },
    };
    await expect(back({ ...place, host: dying })).rejects.toBe(killed);
    await back(place, { now: new Date(now.getTime() + 60_000) });
    const { machine } = place;
    // Where nothing was begun, the second run is one of its own time.
    const later = asideOf(dataset, '20261126T140412Z');
    const kept = machine.datasets.has(later) ? later : aside;
    const read = (name: string): string | null => readFrom(treeOf(machine, name), 'file');
    expect([read(dataset), read(kept), read(`${kept}@s2`)]).toEqual(['one', 'three', 'two']);
    expect(machine.datasets.has(`${dataset}/below`)).toBe(true);
    expect(machine.datasets.has(`${dataset}-rollback-next`)).toBe(false);
    expect([valueOf(machine, dataset, 'canmount'), valueOf(machine, dataset, 'roamhome:rollback')]).toEqual([
      expect.stringMatching(/on|undefined/),
      undefined,
    ]);
  });

  test.each(['none', 'legacy'])(
    'leaves one below it with mountpoint=%s where it is, unmounted',
    async (mountpoint) => {
      const place = await create();
      const { host } = place;
      expect(
        await host.run(['zfs', 'create', '-o', `mountpoint=${mountpoint}`, `${dataset}/attic`]),
      ).toMatchObject({
        exitCode: 0,
      });
      await back(place);
      expect(place.machine.datasets.get(`${dataset}/attic`)?.mounted).toBeNull();
      expect(valueOf(place.machine, dataset, 'roamhome:rollback')).toBeUndefined();
    },
  );

  test('stops services before, and starts them again also when it failed', async () => {
    const place = await create();
    const services = { before: [splitWords('stop smbd')], after: [splitWords('start smbd')] };
    await back(place, services);
    expect([place.journal[0], place.journal.at(-1)]).toEqual(['stop smbd', 'start smbd']);
    const failing = await create();
    await expect(
      back(failing, { ...services, before: [['false'], ['stop', 'other']] }),
    ).rejects.toMatchObject({
      code: 'command-failed',
    });
    expect(failing.journal).toEqual(['false', 'start smbd']);
    expect(shorts(failing.machine, dataset)).toEqual(['s1', 's2']);
  });

  test('leaves everything where the person says no', async () => {
    const place = await create();
    expect(await back(place, { confirm: () => Promise.resolve(false), before: [['stop']] })).toBeNull();
    expect(place.journal).toEqual([]);
  });

  test('that fails with the dataset in its place mounts it again', async () => {
    const place = await create();
    const { host } = place;
    const full: Host = {
      ...host,
      run: (argv, options) =>
        argv[1] === 'clone'
          ? Promise.resolve({ stdout: '', stderr: 'cannot create: out of space', exitCode: 1, signal: null })
          : host.run(argv, options),
    };
    await expect(back({ ...place, host: full })).rejects.toMatchObject({ code: 'no-space' });
    expect(place.machine.datasets.get(dataset)?.mounted).not.toBeNull();
  });

  test('of one that is busy changes nothing', async () => {
    const place = await create();
    place.machine.inUse.set(dataset, { tries: Infinity, evenByForce: false });
    await expect(back(place)).rejects.toMatchObject({ code: 'dataset-busy' });
    expect([...place.machine.datasets.keys()].some((name) => name.includes('rollback'))).toBe(false);
  });

  test.each([
    ['data/tm@none', 'dataset-missing'],
    ['data/none@s1', 'dataset-missing'],
    ['data@s1', 'usage'],
  ])('refuses %s', async (to, code) => {
    const place = await create();
    await place.host.run(['zfs', 'snapshot', 'data@s1']);
    await place.host.run(['zfs', 'snapshot', 'data@s2']);
    await expect(back(place, { to: parseSnapshotName(to) })).rejects.toMatchObject({ code });
  });

  test('does not go on with one to another snapshot', async () => {
    const place = await create();
    await place.host.run([
      ...([
        'zfs',
        'clone',
        '-o',
        'canmount=noauto',
        '-o',
        'roamhome:rollback=20261126T140000Z,on,yes',
      ] as const),
      ...[`${dataset}@s2`, `${dataset}-rollback-next`],
    ]);
    await expect(back(place)).rejects.toMatchObject({
      code: 'dataset-exists',
      message: 'a rollback to data/tm@s2 was begun, and not one to data/tm@s1',
    });
  });
});

describe('a command line without a shell', () => {
  test.each<[string, readonly string[]]>([
    ['systemctl stop smbd', ['systemctl', 'stop', 'smbd']],
    ['  /bin/sh  -c "a \'b\' $c" ', ['/bin/sh', '-c', "a 'b' $c"]],
    [`/opt/my\\ tool 'one "two"' th"re e"x ''`, ['/opt/my tool', 'one "two"', 'thre ex', '']],
    ['a;b | c', ['a;b', '|', 'c']],
  ])('%j', (text, want) => {
    expect(splitWords(text)).toEqual(want);
  });

  test.each([[''], ['  '], ['a "b'], ["a 'b"], ['a \\'], ['""']])('%j is none', (text) => {
    expect(() => splitWords(text)).toThrow(expect.objectContaining({ code: 'usage' }) as Error);
  });
});
