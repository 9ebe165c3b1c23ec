import { describe, expect, test } from 'vitest';
import { collectOutput } from '../../../src/host/collect-output.ts';
import type { Argv, CommandResult, Host, RunningCommand } from '../../../src/host/host.ts';
import { Slots } from '../../../src/host/ssh/slots.ts';
import { silentLog } from '../../../src/log/silent-log.ts';
import { createSimulatedHost, type SimulatedHost } from '../../../src/simulator/host.ts';
import { createMachine, type Machine } from '../../../src/simulator/machine.ts';
import { planBookmarks } from '../../../src/thinning/plan-bookmarks.ts';
import type { PlannedDataset } from '../../../src/thinning/plan-homes.ts';
import { thinDataset } from '../../../src/thinning/thin-dataset.ts';
import { listThinnable } from '../../../src/zfs/commands/list-thinnable.ts';
import type { DatasetName } from '../../../src/zfs/names.ts';
import { createSyncZfs } from '../../../src/zfs/sync-zfs.ts';
import { thinningProgram } from '../../../src/zfs/thinning-program.ts';

const home = 'data/alice' as DatasetName;
const now = Date.UTC(2026, 10, 20) / 1000;
const observer = { command: () => undefined, warning: () => undefined };

interface Bench {
  readonly machine: Machine;
  readonly root: SimulatedHost;
  readonly plan: PlannedDataset;
}

/** A home with snapshots s1, s2, … of which all but the newest are to go. */
async function createHome(going: number, ...before: readonly string[]): Promise<Bench> {
  const machine = createMachine({ pools: ['data'] });
  const root = createSimulatedHost({ name: 'here', machine });
  await zfs(root, `create ${home}`);
  for (let i = 1; i <= going + 1; i++) await zfs(root, `snapshot ${home}@s${i}`);
  await zfs(root, ...before);
  const [listed] = await createSyncZfs(root, observer).run(listThinnable(home));
  const snapshots = listed?.snapshots.slice(0, -1) ?? [];
  const reasons = [{ kind: 'not-among-newest', count: 1 }] as const;
  return {
    machine,
    root,
    plan: {
      dataset: home,
      home: 'alice',
      kept: [],
      doubled: null,
      destroyed: snapshots.map((snapshot) => ({ snapshot, reasons })),
      ...planBookmarks(home, listed?.bookmarks ?? [], snapshots, { now, bookmarkDays: 400 }),
    },
  };
}

async function zfs(host: Host, ...commands: readonly string[]): Promise<void> {
  for (const words of commands)
    expect(await host.run(['zfs', ...words.split(' ')])).toMatchObject({ exitCode: 0, stderr: '' });
}

/** Thins it as the host's user; what became of it, and the commands that it took. */
async function thinOn(host: Host, { root, plan }: Bench) {
  const from = root.commandLog.length;
  const { destroyed, problems } = await thinDataset(plan, {
    zfs: createSyncZfs(host, observer),
    slots: new Slots(4),
    log: silentLog,
    signal: new AbortController().signal,
  });
  return {
    destroyed: destroyed.length,
    problems: problems.map(({ code }) => code),
    commands: root.commandLog.slice(from).map(({ argv }) => argv[1]),
  };
}

const left = ({ machine }: Bench): readonly string[] =>
  (machine.datasets.get(home)?.snapshots ?? []).map(({ short }) => short);
const marked = ({ machine }: Bench): readonly string[] =>
  (machine.datasets.get(home)?.bookmarks ?? []).map(({ guid }) => guid).sort();
const guidsOf = ({ plan }: Bench): readonly string[] =>
  plan.destroyed.map(({ snapshot }) => snapshot.guid).sort();

/** A host on which `zfs program` ends as said, after the real one has seen so many of its snapshots; null: it has not run. */
function withProgram(host: Host, after: number | null, answer: Partial<CommandResult>): Host {
  return {
    ...host,
    stream: async (argv, options) => {
      const shorter: Argv = ['zfs', ...argv.slice(1, 6 + 2 * (after ?? 0))];
      const running = await host.stream(shorter, options);
      if (after !== null) await collectOutput(running, shorter, thinningProgram);
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

describe('thinning by a channel program', () => {
  test('hundreds take one command, the newest first', async () => {
    const bench = await createHome(400);
    expect(await thinOn(bench.root, bench)).toEqual({ destroyed: 400, problems: [], commands: ['program'] });
    expect(left(bench)).toEqual(['s401']);
    expect(marked(bench)).toEqual(guidsOf(bench));
    const [dataset, ...names] = bench.root.commandLog.at(-1)?.argv.slice(5) ?? [];
    expect(dataset).toBe(home);
    expect(names.filter((name) => name.startsWith('@'))).toEqual(
      Array.from({ length: 400 }, (_, i) => `@s${400 - i}`),
    );
  });

  test('names too long for one command take two', async () => {
    const bench = await createHome(1500);
    const outcome = await thinOn(bench.root, bench);
    expect(outcome).toEqual({ destroyed: 1500, problems: [], commands: ['program', 'program'] });
    expect(marked(bench)).toEqual(guidsOf(bench));
  });

  test('a bookmark that is there already serves', async () => {
    const bench = await createHome(3, `bookmark ${home}@s2 ${home}#mine`);
    expect(await thinOn(bench.root, bench)).toEqual({ destroyed: 3, problems: [], commands: ['program'] });
    expect(marked(bench)).toEqual(guidsOf(bench));
  });

  test('a snapshot that is gone is no problem, and the others go', async () => {
    const bench = await createHome(5);
    await zfs(bench.root, `destroy ${home}@s2,s4`);
    expect(await thinOn(bench.root, bench)).toEqual({ destroyed: 3, problems: [], commands: ['program'] });
    expect(marked(bench)).toHaveLength(3);
  });

  test('what is held or has a clone gets no bookmark of the program, and stays; the others go', async () => {
    const bench = await createHome(6);
    await zfs(bench.root, `hold keep ${home}@s2`, `clone ${home}@s4 data/clone`);
    const outcome = await thinOn(bench.root, bench);
    expect(outcome).toMatchObject({ destroyed: 4, problems: ['dataset-busy', 'dataset-busy'] });
    // Why it is so is said by zfs itself.
    expect(outcome.commands).toEqual(['program', 'bookmark', 'bookmark', 'destroy', 'destroy', 'destroy']);
    expect(left(bench)).toEqual(['s2', 's4', 's7']);
  });

  test('a bookmark of an earlier run serves; another of its name keeps its snapshot', async () => {
    const bench = await createHome(4);
    const [first, second] = bench.plan.leave.map(({ bookmark }) => bookmark);
    await zfs(bench.root, `bookmark ${home}@s1 ${first}`, `bookmark ${home}@s4 ${second}`);
    const outcome = await thinOn(bench.root, bench);
    expect(outcome).toMatchObject({ destroyed: 3, problems: ['dataset-exists'] });
    expect([...outcome.commands].sort()).toEqual([
      'bookmark',
      'bookmark',
      'destroy',
      'get',
      'get',
      'program',
    ]);
    expect(left(bench)).toEqual(['s2', 's5']);
    expect(new Set(marked(bench))).toEqual(
      new Set(guidsOf(bench).filter((guid) => guid !== bench.plan.leave[1]?.snapshot.guid)),
    );
  });

  test.each<[string, Partial<CommandResult>]>([
    ['zfs knows no programs', { exitCode: 2, stderr: "unrecognized command 'program'\n" }],
    [
      'the program knows no bookmarks',
      {
        exitCode: 1,
        stderr:
          'Channel program execution failed:\n[string "channel program"]:8: attempt to call field \'bookmark\' (a nil value)\n',
      },
    ],
    ['its answer is not understood', { exitCode: 0, stdout: '' }],
    ['a signal ends it', { exitCode: null, signal: 'SIGKILL' }],
  ])('where %s, each bookmark has a command, and all are destroyed by one', async (_what, answer) => {
    const bench = await createHome(6);
    const outcome = await thinOn(withProgram(bench.root, null, answer), bench);
    expect(outcome).toMatchObject({ destroyed: 6, problems: [] });
    const bookmarks = Array.from({ length: 6 }, () => 'bookmark');
    expect(outcome.commands.filter((command) => command !== 'program')).toEqual([...bookmarks, 'destroy']);
    expect(marked(bench)).toEqual(guidsOf(bench));
  });

  test.each([0, 1, 4, 6])('what a program has done when it is stopped after %i counts', async (after) => {
    const bench = await createHome(6);
    const stopped = withProgram(bench.root, after, {
      exitCode: 1,
      stderr: 'Channel program execution failed:\nMemory limit exhausted.\n',
    });
    expect(await thinOn(stopped, bench)).toMatchObject({ destroyed: 6 - after, problems: [] });
    expect(left(bench)).toEqual(['s7']);
    expect(marked(bench)).toEqual(guidsOf(bench));
  });

  test('an account that may run no programs does it by the commands that it may run', async () => {
    const bench = await createHome(3);
    await zfs(bench.root, `allow -u admin bookmark,destroy,mount ${home}`);
    const admin = createSimulatedHost({ name: 'here', machine: bench.machine, user: 'admin' });
    expect(await thinOn(admin, bench)).toMatchObject({ destroyed: 3, problems: [] });
    expect(admin.commandLog.map(({ argv }) => argv[1])).toEqual([
      'program',
      'bookmark',
      'bookmark',
      'bookmark',
      'destroy',
    ]);
  });

  test('a snapshot whose bookmark is refused stays', async () => {
    const bench = await createHome(2);
    await zfs(bench.root, `allow -u admin destroy,mount ${home}`);
    const admin = createSimulatedHost({ name: 'here', machine: bench.machine, user: 'admin' });
    expect(await thinOn(admin, bench)).toMatchObject({
      destroyed: 0,
      problems: ['permission-denied', 'permission-denied'],
    });
    expect(left(bench)).toEqual(['s1', 's2', 's3']);
  });
});
