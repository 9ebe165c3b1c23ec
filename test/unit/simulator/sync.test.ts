import { expect, test } from 'vitest';
import { createSimulatedHost, type SimulatedHost } from '../../../src/simulator/host.ts';
import { mountedFiles, readFrom, treeOf } from '../../../src/simulator/files/files.ts';
import { createMachine, type Machine } from '../../../src/simulator/machine.ts';
import type { RunOptions, RunningCommand } from '../../../src/host/host.ts';
import { examineHome } from '../../../src/homes/snapshots/examine.ts';
import { observeHome } from '../../../src/sync/observe.ts';
import { synchronise, type SyncResult } from '../../../src/homes/synchronise.ts';
import { mount, snapshot, unmount } from '../../../src/zfs/commands/change.ts';
import { parseDatasetName } from '../../../src/zfs/names.ts';
import { createSyncZfs, type SyncZfs } from '../../../src/zfs/sync-zfs.ts';
import { restricted } from '../../support/restrictions/restricted.ts';
import { noFiles, plainGuard } from '../../support/sync/diffs.ts';

const home = parseDatasetName('data/profiles/alice');
const observer = { command: () => undefined, warning: () => undefined };
const listener = {
  planned: () => undefined,
  stepStarted: () => () => undefined,
  stepDone: () => undefined,
  stepPutOff: () => undefined,
};

interface Mac {
  readonly machine: Machine;
  readonly host: SimulatedHost;
  readonly zfs: SyncZfs;
}

function mac(): Mac {
  const machine = createMachine({ pools: ['data'] });
  const host = createSimulatedHost({ name: 'this Mac', machine });
  return { machine, host, zfs: createSyncZfs(host, observer) };
}

/** The product's own sync between a Mac and the server. */
async function sync({ zfs }: Mac, server: SyncZfs, intent: 'login' | 'logout'): Promise<SyncResult> {
  const local = await examineHome(zfs, home, {
    tokenReader: zfs,
    before: 'unmounted',
    files: noFiles,
    guard: plainGuard,
    sleep: () => Promise.resolve(),
  });
  const remote = await observeHome(server, home, { tokenReader: zfs, changes: 'ignore' });
  return synchronise(
    { local, server: remote },
    {
      ...{
        intent,
        local: zfs,
        server,
        files: noFiles,
        guard: plainGuard,
        localHome: home,
        serverHome: home,
        listener,
      },
      ...{ createOnServer: true, defaultFlags: 'Lec', stallMs: 30_000, busyMs: 0, pushMs: 30_000 },
      signal: new AbortController().signal,
      sleep: () => Promise.resolve(),
      places: {
        user: 'alice',
        macName: 'mac',
        localConflictsRoot: parseDatasetName('data/conflicts'),
        serverConflictsRoot: parseDatasetName('data/conflicts'),
      },
    },
  );
}

async function login(on: Mac, server: SyncZfs): Promise<void> {
  await sync(on, server, 'login');
  await on.host.run(['zfs', 'set', 'mountpoint=/Users/alice', 'canmount=noauto', home]);
  await on.zfs.run(mount(home));
}

async function logout(on: Mac, server: SyncZfs, name: string): Promise<SyncResult> {
  await on.zfs.run(unmount(home, { force: false }));
  await on.zfs.run(snapshot([home], name));
  return sync(on, server, 'logout');
}

async function twoMacs(): Promise<{ a: Mac; b: Mac; server: SyncZfs; serverHost: SimulatedHost }> {
  const machine = createMachine({ pools: ['data'] });
  const allow = 'receive:append,create,mount,userprop,bookmark,snapshot,send,hold';
  await createSimulatedHost({ name: 'root', machine }).run(['zfs', 'allow', '-u', 'mobile', allow, 'data']);
  const serverHost = createSimulatedHost({ name: 'server', machine, user: 'mobile' });
  const [a, b] = [mac(), mac()];
  for (const host of [a.host, b.host, createSimulatedHost({ name: 'root', machine })])
    await host.run(['zfs', 'create', '-o', 'canmount=off', '-o', 'mountpoint=none', 'data/profiles']);
  await a.host.run(['zfs', 'create', '-o', 'canmount=noauto', '-o', 'mountpoint=/Users/alice', home]);
  await a.zfs.run(mount(home));
  mountedFiles(a.machine, home).write('greeting', 'hello');
  return { a, b, server: createSyncZfs(restricted(serverHost, 'mac7'), observer), serverHost };
}

test('a home goes from one Mac to the other and back', async () => {
  const { a, b, server } = await twoMacs();
  expect((await logout(a, server, 's1')).pushedBytes).toBeGreaterThan(0);
  await login(b, server);
  expect(readFrom(treeOf(b.machine, home), 'greeting')).toBe('hello');
  mountedFiles(b.machine, home).write('greeting', 'from b');
  await logout(b, server, 's2');
  await login(a, server);
  expect(readFrom(treeOf(a.machine, home), 'greeting')).toBe('from b');
  expect((await logout(a, server, 's3')).wasEqual).toBe(true);
});

test('a push whose sender is killed is gone on with', async () => {
  const { a, server, serverHost } = await twoMacs();
  mountedFiles(a.machine, home).write('big', 'x'.repeat(500_000));
  const cutting = {
    ...a.host,
    stream: async (argv: readonly [string, ...string[]], options?: RunOptions): Promise<RunningCommand> => {
      const command = await a.host.stream(argv, options);
      let chunks = 0;
      command.stdout.on('data', () => {
        if (++chunks === 4) command.kill();
      });
      return command;
    },
  };
  const broken = { ...a, zfs: createSyncZfs(cutting, observer) };
  await expect(logout(broken, server, 's1')).rejects.toMatchObject({ code: 'zfs-failed' });
  const { stdout } = await serverHost.run(['zfs', 'get', '-Hpo', 'value', 'receive_resume_token', home]);
  expect(stdout).toMatch(/^1-/);
  const { pushedBytes } = await sync(a, server, 'logout');
  expect(pushedBytes).toBeLessThan(400_000);
  const log = [...a.host.commandLog, ...serverHost.commandLog].map(({ argv }) => argv.join(' '));
  expect(log.filter((line) => /destroy|receive.* -F/.test(line))).toEqual([]);
});
