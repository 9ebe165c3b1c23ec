import { describe, expect, test } from 'vitest';
import type { Argv, CommandResult, Host, RunningCommand } from '../../../src/host/host.ts';
import { collectOutput } from '../../../src/host/collect-output.ts';
import { Slots } from '../../../src/host/slots.ts';
import { silentLog } from '../../../src/log/silent-log.ts';
import { createSimulatedHost, type SimulatedHost } from '../../../src/simulator/host.ts';
import { createMachine, type Machine } from '../../../src/simulator/machine.ts';
import { leaveBookmarks } from '../../../src/thinning/leave-bookmarks.ts';
import { bookmarkFor, type LeftBookmark } from '../../../src/thinning/plan-bookmarks.ts';
import { bookmarkProgram } from '../../../src/zfs/bookmark-program.ts';
import { listThinnable } from '../../../src/zfs/commands/list-thinnable.ts';
import type { DatasetName } from '../../../src/zfs/names.ts';
import { createSyncZfs } from '../../../src/zfs/sync-zfs.ts';

const home = 'data/alice' as DatasetName;
const now = Date.UTC(2026, 10, 20) / 1000;
const observer = { command: () => undefined, warning: () => undefined };

interface Bench {
  readonly machine: Machine;
  readonly root: SimulatedHost;
  readonly leave: readonly LeftBookmark[];
}

/** A home with so many snapshots, and the bookmarks that are to be left for all of them. */
async function createHome(count: number): Promise<Bench> {
  const machine = createMachine({ pools: ['data'] });
  const root = createSimulatedHost({ name: 'here', machine });
  await run(root, 'create', home);
  for (let i = 1; i <= count; i++) await run(root, 'snapshot', `${home}@s${i}`);
  const [listed] = await createSyncZfs(root, observer).run(listThinnable(home));
  const leave = listed?.snapshots.map((snapshot) => ({
    snapshot,
    bookmark: bookmarkFor(home, snapshot, now),
  }));
  return { machine, root, leave: leave ?? [] };
}

async function run(host: Host, ...words: readonly string[]): Promise<void> {
  expect(await host.run(['zfs', ...words])).toMatchObject({ exitCode: 0, stderr: '' });
}

/** Leaves them as the host's user; what became of it, and the commands that it took. */
async function leaveOn(host: Host, { root, leave }: Bench) {
  const from = root.commandLog.length;
  const { unmarked, problems } = await leaveBookmarks(home, leave, {
    zfs: createSyncZfs(host, observer),
    slots: new Slots(4),
    log: silentLog,
    signal: new AbortController().signal,
  });
  return {
    unmarked: [...unmarked].map((name) => name.replace(`${home}@`, '')),
    problems: problems.map(({ code }) => code),
    commands: root.commandLog.slice(from).map(({ argv }) => argv[1]),
  };
}

const marked = ({ machine }: Bench): readonly string[] =>
  (machine.datasets.get(home)?.bookmarks ?? []).map(({ guid }) => guid).sort();
const guidsOf = ({ leave }: Bench): readonly string[] => leave.map(({ snapshot }) => snapshot.guid).sort();

/** A host on which `zfs program` ends as said, after the real one has seen so many of its arguments; null: it has not run. */
function withProgram(host: Host, after: number | null, answer: Partial<CommandResult>): Host {
  return {
    ...host,
    stream: async (argv, options) => {
      const shorter: Argv = ['zfs', ...argv.slice(1, 5 + (after ?? 0))];
      const running = await host.stream(shorter, options);
      if (after !== null) await collectOutput(running, shorter, bookmarkProgram);
      else running.kill();
      return ended(running, answer);
    },
  };
}

function ended(like: RunningCommand, answer: Partial<CommandResult>): RunningCommand {
  const done = { stdout: '', stderr: '', exitCode: 0, signal: null, ...answer };
  const { stdin, stdout } = like;
  return { ...like, stdin, stdout, done: Promise.resolve(done) };
}

describe('issue 4: bookmarks of thinning', () => {
  test('issue 4: many take one command', async () => {
    const bench = await createHome(400);
    expect(await leaveOn(bench.root, bench)).toEqual({
      unmarked: [],
      problems: [],
      commands: ['program'],
    });
    expect(marked(bench)).toEqual(guidsOf(bench));
  });

  test('issue 4: names too long for one command take two', async () => {
    const bench = await createHome(900);
    expect((await leaveOn(bench.root, bench)).commands).toEqual(['program', 'program']);
    expect(marked(bench)).toEqual(guidsOf(bench));
  });

  test('issue 4: one takes a plain command', async () => {
    const bench = await createHome(1);
    expect((await leaveOn(bench.root, bench)).commands).toEqual(['bookmark']);
    expect(marked(bench)).toEqual(guidsOf(bench));
  });

  test('issue 4: a snapshot that is gone is no problem, and the others have theirs', async () => {
    const bench = await createHome(5);
    await run(bench.root, 'destroy', `${home}@s2,s4`);
    expect(await leaveOn(bench.root, bench)).toEqual({
      unmarked: ['s2', 's4'],
      problems: [],
      commands: ['program'],
    });
    expect(marked(bench)).toHaveLength(3);
  });

  test('issue 4: one that is there already serves; another of its name is a problem', async () => {
    const bench = await createHome(4);
    const [first, second] = bench.leave.map(({ bookmark }) => bookmark);
    await run(bench.root, 'bookmark', `${home}@s1`, first ?? '');
    await run(bench.root, 'bookmark', `${home}@s4`, second ?? '');
    const outcome = await leaveOn(bench.root, bench);
    expect(outcome).toMatchObject({ unmarked: ['s2'], problems: ['dataset-exists'] });
    expect([...outcome.commands].sort()).toEqual(['bookmark', 'bookmark', 'get', 'get', 'program']);
    expect(new Set(marked(bench))).toEqual(
      new Set(guidsOf(bench).filter((guid) => guid !== bench.leave[1]?.snapshot.guid)),
    );
  });

  test.each<[string, Partial<CommandResult>]>([
    ['zfs knows no programs', { exitCode: 2, stderr: "unrecognized command 'program'\n" }],
    [
      'the program knows no bookmarks',
      {
        exitCode: 1,
        stderr:
          'Channel program execution failed:\n[string "channel program"]:5: attempt to call field \'bookmark\' (a nil value)\n',
      },
    ],
    ['its answer is not understood', { exitCode: 0, stdout: '' }],
    ['a signal ends it', { exitCode: null, signal: 'SIGKILL' }],
  ])('issue 4: where %s, each has a command of its own', async (_what, answer) => {
    const bench = await createHome(6);
    const outcome = await leaveOn(withProgram(bench.root, null, answer), bench);
    expect(outcome).toMatchObject({ unmarked: [], problems: [] });
    expect(outcome.commands.filter((command) => command === 'bookmark')).toHaveLength(6);
    expect(marked(bench)).toEqual(guidsOf(bench));
  });

  test('issue 4: what a program made before it was stopped counts', async () => {
    const bench = await createHome(6);
    const stopped = withProgram(bench.root, 2 * 4, {
      exitCode: 1,
      stderr: 'Channel program execution failed:\nMemory limit exhausted.\n',
    });
    expect(await leaveOn(stopped, bench)).toMatchObject({ unmarked: [], problems: [] });
    expect(marked(bench)).toEqual(guidsOf(bench));
  });

  test('issue 4: an account that may run no programs makes them one by one', async () => {
    const bench = await createHome(3);
    await run(bench.root, 'allow', '-u', 'admin', 'bookmark', home);
    const admin = createSimulatedHost({ name: 'here', machine: bench.machine, user: 'admin' });
    expect(await leaveOn(admin, bench)).toMatchObject({ unmarked: [], problems: [] });
    expect(admin.commandLog.map(({ argv }) => argv[1])).toEqual([
      'program',
      'bookmark',
      'bookmark',
      'bookmark',
    ]);
    await run(bench.root, 'unallow', '-u', 'admin', 'bookmark', home);
    for (const { bookmark } of bench.leave) await run(bench.root, 'destroy', bookmark);
    expect(await leaveOn(admin, bench)).toMatchObject({
      unmarked: ['s1', 's2', 's3'],
      problems: ['permission-denied', 'permission-denied', 'permission-denied'],
    });
  });
});
