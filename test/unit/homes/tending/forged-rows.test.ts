import { beforeEach, expect, test } from 'vitest';
import { createSimulatedHost, type SimulatedHost } from '../../../../src/simulator/host.ts';
import { createMachine } from '../../../../src/simulator/machine.ts';
import { collectStatus } from '../../../../src/homes/status/collect.ts';
import { planTending } from '../../../../src/homes/tending/tend.ts';
import { listServerDatasets } from '../../../../src/zfs/commands/list-server-datasets.ts';
import { listFilesystems } from '../../../../src/zfs/commands/list-filesystems.ts';
import { listSyncedNames, listTree } from '../../../../src/zfs/commands/list.ts';
import type { DatasetName } from '../../../../src/zfs/names.ts';
import { createSyncZfs, type SyncZfs } from '../../../../src/zfs/sync-zfs.ts';
import { silentLog } from '../../../../src/log/silent-log.ts';
import { noRunningPrograms } from '../../../../src/platform/running-program.ts';

const profiles = 'data/profiles' as DatasetName;
const conflicts = 'data/profiles-conflicts' as DatasetName;
const branch = `${conflicts}/bob-mac7-20261120T064500Z`;
let host: SimulatedHost;
let zfs: SyncZfs;
let told: string[];

const ok = async (...words: string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await host.run(['zfs', ...words]);
  if (exitCode !== 0) throw new Error(stderr);
  return stdout;
};

// A server with homes of alice and bob, and a branch of bob's that is not merged.
beforeEach(async () => {
  let next = 1n;
  const machine = createMachine({
    pools: ['data'],
    now: () => 1_764_000_000_000,
    random: () => (next += 7n),
  });
  told = [];
  host = createSimulatedHost({ name: 'server', machine });
  zfs = createSyncZfs(host, { command: () => undefined, warning: (_place, _argv, line) => told.push(line) });
  for (const name of [profiles, conflicts]) await ok('create', '-o', 'mountpoint=none', name);
  for (const name of ['alice', 'alice/row', 'bob']) await ok('create', `${profiles}/${name}`);
  for (const name of ['alice', 'bob']) await ok('snapshot', `${profiles}/${name}@a`);
  await ok('create', '-o', 'roamhome:conflict=bob', branch);
  await ok('snapshot', `${branch}@b`);
});

const plan = () =>
  planTending({
    zfs,
    homesRoot: profiles,
    conflictsRoot: conflicts,
    idleMs: 1000,
    longestMs: 1e9,
    now: () => 1_764_000_000_000,
    memory: { read: () => Promise.resolve({}), write: () => Promise.resolve() },
    contents: {
      read: () => Promise.resolve({}),
      write: () => Promise.resolve(),
      digestOf: () => Promise.reject(new Error('a plan reads nothing')),
    },
    programs: noRunningPrograms,
    log: silentLog,
    signal: new AbortController().signal,
  });

/** What a key for alice alone can send in a stream's properties: a row that says that bob's home has what his branch has. */
async function forge(): Promise<void> {
  const guid = (await ok('get', '-Hp', '-o', 'value', 'guid', `${branch}@b`)).trim();
  const row = `${profiles}/bob@forged\tsnapshot\t${guid}\t9\t1700000000\t5\t-\t-`;
  await ok(
    'set',
    `roamhome:conflict=x\n${row}\t-\n${profiles}/alice/y\tfilesystem\t1\t1\t1\t1\t-\tno\t-`,
    `${profiles}/alice/row`,
  );
}

test('a row that stands in a property makes no branch merged', async () => {
  await forge();
  expect(await plan()).toMatchObject({ remove: [], compare: [], unproven: [] });
  expect(told.join('\n')).toContain(`of "${profiles}/alice/row" were not read`);
});

test.each([
  ['a tab', 'x\ty'],
  ['a line break', 'x\ny'],
  ['a whole row of another home', `x\n${profiles}/bob\tfilesystem\t1\t1\t1\t1\t-\tno\toff\toff`],
])('%s in a property of one dataset leaves all the others as they are', async (_what, value) => {
  const before = await zfs.listTree(profiles, ['roamhome:sync']);
  for (const property of ['roamhome:session', 'roamhome:sync', 'roamhome:conflict', 'roamhome:folder'])
    await ok('set', `${property}=${value}`, `${profiles}/alice/row`);
  const after = await zfs.listTree(profiles, ['roamhome:sync']);
  const others = (all: typeof before) => all?.filter(({ name }) => name !== `${profiles}/alice/row`);
  expect(others(after)).toEqual(others(before));
  expect((await zfs.run(listFilesystems(profiles, ['roamhome:folder']))).map(({ name }) => name)).toEqual(
    ['', '/alice', '/alice/row', '/bob'].map((name) => profiles + name),
  );
  const seen = await zfs.run(listServerDatasets([profiles], 'roamhome:session', { times: false }));
  expect(seen.map(({ name, guids }) => [name, guids.size])).toEqual(
    [
      ['', 0],
      ['/alice', 1],
      ['/alice/row', 0],
      ['/bob', 1],
    ].map(([name, size]) => [`${profiles}${name}`, size]),
  );
  expect(await zfs.run(listSyncedNames(profiles, 'roamhome:sync'))).toEqual(
    expect.arrayContaining([`${profiles}/alice`, `${profiles}/bob`]),
  );
  const status = await collectStatus({
    ...{ local: null, server: { zfs, root: profiles }, conflictsRoot: conflicts, user: null, pending: [] },
    signal: new AbortController().signal,
  });
  expect(status.homes.map(({ user }) => user)).toEqual(['alice', 'bob']);
});

test('a volume is left out of a list, and told', async () => {
  await ok('create', '-s', '-V', '16M', `${profiles}/alice/v`);
  await ok('snapshot', `${profiles}/alice/v@v1`);
  const tree = await zfs.run(listTree(profiles, []));
  expect(tree.map(({ name }) => name)).not.toContain(`${profiles}/alice/v`);
  expect(told).toEqual([`${profiles}/alice/v is a volume: it is left out, and stops no other`]);
});
