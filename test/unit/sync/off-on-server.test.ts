import { expect, test } from 'vitest';
import { observeHome } from '../../../src/sync/observe.ts';
import { pairDatasets } from '../../../src/sync/home-state.ts';
import { remarksOn } from '../../../src/homes/status/judge.ts';
import { collectStatus } from '../../../src/homes/status/collect.ts';
import { createSyncZfs } from '../../../src/zfs/sync-zfs.ts';
import { createWorld, edit, runAgent, type Mac } from '../../support/model/world.ts';
import { home as homeOf, localHome, serverHome } from '../../support/sync/homes.ts';

const home = 'data/profiles/alice';

test('what the server alone marks as not to be synced is synced where this Mac has it', async () => {
  const world = await createWorld({ children: true });
  const mac = world.macs[0]!;
  edit(world, mac);
  await runAgent(world, mac, 'logout', null);
  // As a stream with properties does, or an account behind a restricted shell.
  for (const name of ['data/profiles', `${home}/mail`])
    expect((await world.admin.run(['zfs', 'set', 'roamhome:sync=off', name])).exitCode).toBe(0);
  const login = await runAgent(world, mac, 'login', null);
  expect(login?.warnings).toEqual([
    expect.stringContaining('the server marks mail of the home as not to be synced'),
  ]);
  edit(world, mac);
  expect(await runAgent(world, mac, 'logout', null)).toMatchObject({ pending: false, problems: [] });
  const newest = (machine: typeof world.server, name: string) =>
    machine.datasets.get(name)!.snapshots.at(-1)!.guid;
  for (const name of [home, `${home}/mail`])
    expect(newest(world.server, name)).toBe(newest(mac.machine, name));
  // What this Mac excludes itself stays here.
  expect(world.server.datasets.has(`${home}/caches`)).toBe(false);

  const zfs = (host: typeof mac.root) =>
    createSyncZfs(host, { command: () => undefined, warning: () => undefined });
  const { homes } = await collectStatus({
    local: { zfs: zfs(mac.root), root: 'data/profiles' as never },
    server: { zfs: zfs(mac.toServer), root: 'data/profiles' as never },
    ...{ conflictsRoot: null, user: null, pending: [], signal: new AbortController().signal },
  });
  const judging = { own: { macName: 'mac0', id: null }, unsentHours: 24, sessionHours: 24, now: world.now };
  expect(remarksOn(homes[0]!, judging as never)).toContainEqual({
    level: 'warning',
    text: expect.stringContaining('the server marks mail') as string,
  });
});

test('what the server alone marks so and this Mac does not have is left there; what this Mac marks is left here', () => {
  const paths = (mac: Readonly<Record<string, string>>, server: Readonly<Record<string, string>>) =>
    pairDatasets(homeOf(localHome, mac), homeOf(serverHome, server)).map(({ path }) => path);
  expect(paths({ '': '@a:1' }, { '': '@a:1', Films: 'off' })).toEqual(['']);
  expect(paths({ '': '@a:1', Films: 'off' }, { '': '@a:1', Films: '@f:3' })).toEqual(['']);
  expect(paths({ '': '@a:1', Films: '@f:3' }, { '': '@a:1', Films: 'off' })).toEqual(['', 'Films']);
});

/** A Mac with all its home on the server, and a dataset below it that a stream has marked. */
async function withReceivedOff(mark: (mac: Mac) => void) {
  const world = await createWorld({ children: true });
  const mac = world.macs[0]!;
  edit(world, mac);
  await runAgent(world, mac, 'logout', null);
  mark(mac);
  await runAgent(world, mac, 'login', null);
  edit(world, mac);
  return { world, mac };
}

const off = (source: 'local' | 'received') => ({ value: 'off', source });

test('what came to this Mac as not to be synced, with a stream, is synced, and told; what its root set is not', async () => {
  for (const marked of [`${home}/mail`, home]) {
    const { world, mac } = await withReceivedOff(({ machine }) => {
      machine.datasets.get(marked)!.properties.set('roamhome:sync', off('received'));
    });
    const report = await runAgent(world, mac, 'logout', null);
    expect(report).toMatchObject({ pending: false, problems: [] });
    const newest = (machine: typeof world.server, name: string) =>
      machine.datasets.get(name)!.snapshots.at(-1)!.guid;
    for (const name of [home, `${home}/mail`])
      expect(newest(world.server, name)).toBe(newest(mac.machine, name));
    // Set here by root itself: it stays here, whatever else was received.
    expect(world.server.datasets.has(`${home}/caches`)).toBe(false);
    const login = await runAgent(world, mac, 'login', null);
    expect(login?.warnings).toContainEqual(
      expect.stringMatching(
        /mail has roamhome:sync=off, which came with a stream.*`zfs inherit roamhome:sync /,
      ),
    );
  }
});

test.each(['data/profiles', home])('what its root set on %s counts below it', async (above) => {
  const { world, mac } = await withReceivedOff(({ machine }) => {
    machine.datasets.get(above)!.properties.set('roamhome:sync', off('local'));
  });
  const before = mac.machine.datasets.get(`${home}/mail`)!.snapshots.length;
  await runAgent(world, mac, 'logout', null);
  expect(mac.machine.datasets.get(`${home}/mail`)!.snapshots.length).toBe(before);
});

test('where something is off, one command more asks who said so; where nothing is, none', async () => {
  for (const children of [true, false]) {
    const world = await createWorld({ children });
    const asked: string[] = [];
    const mac = world.macs[0]!;
    const zfs = createSyncZfs(mac.root, {
      command: (_place, argv) => void (argv[1] === 'get' && asked.push(argv.join(' '))),
      warning: () => undefined,
    });
    await observeHome(zfs, home as never, { tokenReader: zfs, changes: 'ignore' });
    expect(asked).toEqual(
      children ? [`zfs get -Hp -r -t filesystem -o name,source roamhome:sync ${home}`] : [],
    );
  }
});
