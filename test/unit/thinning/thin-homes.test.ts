import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RoamhomeError } from '../../../src/errors/errors.ts';
import type { SyncZfs } from '../../../src/zfs/sync-zfs.ts';
import { setInUse } from '../../../src/simulator/files/files.ts';
import type { SimulatedHost } from '../../../src/simulator/host.ts';
import { lastRunFile, parseLastRun } from '../../../src/thinning/last-run.ts';
import { freedBytes, listHomes, planHomes, type ThinningJob } from '../../../src/thinning/plan-homes.ts';
import { thinHomes } from '../../../src/thinning/thin-homes.ts';
import { collectNoStacks } from '../../support/model/collect-no-stacks.ts';
import { FaultyRun, type Fault } from '../../support/model/faults.ts';
import { inHome, versionsOf } from '../../support/model/invariants.ts';
import {
  createWorld,
  edit,
  runAgent,
  thinningOf,
  thinOn,
  type Mac,
  type World,
} from '../../support/model/world.ts';

const home = 'data/profiles/alice';
const day = 86_400_000;

collectNoStacks();

async function zfs(host: SimulatedHost, ...commands: readonly string[]): Promise<void> {
  for (const words of commands) {
    const { exitCode, stderr } = await host.run(['zfs', ...words.split(' ')]);
    expect({ words, exitCode, stderr }).toEqual({ words, exitCode: 0, stderr: '' });
  }
}

async function visit(world: World, mac: Mac): Promise<void> {
  expect((await runAgent(world, mac, 'login', null))?.problems).toEqual([]);
  edit(world, mac);
  world.now += 60_000;
  expect((await runAgent(world, mac, 'logout', null))?.problems).toEqual([]);
  world.now += 60_000;
}

/** A home that has been used on the first Mac so often; the second has seen the first time only. */
async function usedHome(times: number): Promise<{ world: World; first: Mac; second: Mac }> {
  const world = await createWorld({ children: false });
  const [first, second] = world.macs as readonly [Mac, Mac];
  edit(world, first);
  await runAgent(world, first, 'logout', null);
  world.now += 60_000;
  await runAgent(world, second, 'login', null);
  await runAgent(world, second, 'logout', null);
  for (let i = 0; i < times; i++) await visit(world, first);
  return { world, first, second };
}

const shortNames = (world: World, where: Mac | 'server'): readonly string[] =>
  ((where === 'server' ? world.server : where.machine).datasets.get(home)?.snapshots ?? []).map(
    ({ short }) => short,
  );
const marks = (world: World): readonly string[] =>
  (world.server.datasets.get(home)?.bookmarks ?? []).map(({ short }) => short);

async function run(job: ThinningJob) {
  return thinHomes(job, await listHomes(job));
}

const commandsOf = (host: SimulatedHost): readonly string[] =>
  host.commandLog.map(({ argv }) => argv.slice(1).join(' '));

describe('on the server', () => {
  test('a list, then all goes in one command, each after its bookmark', async () => {
    const { world } = await usedHome(4);
    const names = shortNames(world, 'server');
    const from = world.admin.commandLog.length;
    const report = await thinOn(world, 'server', null);
    expect(report).toMatchObject({ problems: [], inUse: [], future: [] });
    expect(report?.datasets.map(({ destroyed }) => destroyed)).toEqual([
      names.slice(0, -1).map((name) => `${home}@${name}`),
    ]);
    expect(shortNames(world, 'server')).toEqual(names.slice(-1));
    expect(
      commandsOf(world.admin)
        .slice(from)
        .map((line) => line.split(' ')[0]),
    ).toEqual(['list', 'program']);
    expect(marks(world)).toHaveLength(names.length - 1);
  });

  test('a Mac that was away while its snapshot went pulls from the bookmark', async () => {
    const { world, first, second } = await usedHome(3);
    await thinOn(world, 'server', null);
    const from = second.toServer.commandLog.length;
    const report = await runAgent(world, second, 'login', null);
    expect(report).toMatchObject({ problems: [], mounted: true, sync: { conflict: null } });
    expect([...inHome(second.machine)].sort()).toEqual([...inHome(first.machine)].sort());
    const commands = commandsOf(second.toServer).slice(from);
    expect(commands.filter((line) => line.startsWith('send'))).toEqual([
      expect.stringMatching(/^send .*-i \S+#roamhome-thinned-20261120-\d+ \S+@\S+$/),
    ]);
  });

  test('what is held or has a clone by now is reported, and the others go', async () => {
    const { world } = await usedHome(8);
    const names = shortNames(world, 'server');
    const job = thinningOf(world, 'server', new FaultyRun(null));
    const listed = await listHomes(job);
    await zfs(world.admin, `hold keep ${home}@${names[2]}`, `clone ${home}@${names[5]} data/profiles/other`);
    const { problems, datasets } = await thinHomes(job, listed);
    expect(shortNames(world, 'server')).toEqual([names[2], names[5], names.at(-1)]);
    expect(problems.map(({ code }) => code)).toEqual(['dataset-busy', 'dataset-busy']);
    expect(problems[0]?.message).toContain(`@${names[2]}: it's being held`);
    expect(datasets[0]?.destroyed).toHaveLength(names.length - 3);
    // The next time they are known to stay.
    expect(await run(job)).toMatchObject({ problems: [], datasets: [] });
  });

  test('what somebody else destroys meanwhile is no problem', async () => {
    const { world } = await usedHome(3);
    const names = shortNames(world, 'server');
    const job = thinningOf(world, 'server', new FaultyRun(null));
    const listed = await listHomes(job);
    await zfs(world.admin, `destroy ${home}@${names.slice(0, -1).join(',')}`);
    expect(await thinHomes(job, listed)).toMatchObject({ problems: [] });
    await zfs(world.admin, `rename ${home} data/profiles/gone`);
    expect(await thinHomes(job, listed)).toMatchObject({ problems: [] });
  });

  test('a bookmark that cannot be left keeps its snapshot', async () => {
    const { world } = await usedHome(3);
    const names = shortNames(world, 'server');
    const job = thinningOf(world, 'server', new FaultyRun(null));
    const listed = await listHomes(job);
    const [plan] = await planHomes(job, listed);
    await zfs(world.admin, `bookmark ${home}@${names[2]} ${plan?.leave[1]?.bookmark}`);
    const { problems } = await thinHomes(job, listed);
    expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining('bookmark exists')]);
    expect(shortNames(world, 'server')).toEqual([names[1], names.at(-1)]);
  });

  test('bookmarks of ours go after their time, those of others do not', async () => {
    const { world } = await usedHome(3);
    await zfs(world.admin, `bookmark ${home}@${shortNames(world, 'server')[0]} ${home}#mine`);
    await thinOn(world, 'server', null);
    const left = marks(world);
    expect(left).toHaveLength(3);
    world.now += 400 * day;
    expect(await thinOn(world, 'server', null)).toMatchObject({ datasets: [] });
    world.now += 2 * day;
    expect((await thinOn(world, 'server', null))?.datasets).toMatchObject([{ destroyed: [], forgotten: 2 }]);
    expect(marks(world)).toEqual(['mine']);
  });

  test('what would be freed is what zfs says, and asking destroys nothing', async () => {
    const { world } = await usedHome(3);
    const before = versionsOf(world.server);
    const job = thinningOf(world, 'server', new FaultyRun(null));
    const [plan] = await planHomes(job, await listHomes(job));
    if (plan === undefined) throw new Error('no plan');
    expect(await freedBytes(job, plan)).toBeGreaterThan(0n);
    expect(versionsOf(world.server)).toEqual(before);
    await zfs(world.admin, `clone ${plan.destroyed[1]?.snapshot.name} data/profiles/other`);
    expect(await freedBytes(job, plan)).toBeNull();
  });

  test('several homes are thinned, and one that cannot be stops no other', async () => {
    const { world } = await usedHome(2);
    await zfs(world.admin, 'create data/profiles/bob', 'create data/profiles/carol');
    for (const user of ['bob', 'carol'])
      for (const name of ['a', 'b', 'c', 'd'])
        await zfs(world.admin, `snapshot data/profiles/${user}@${name}`);
    const job = thinningOf(world, 'server', new FaultyRun(null));
    const listed = await listHomes(job);
    await zfs(world.admin, 'hold keep data/profiles/bob@b', 'hold keep data/profiles/bob@c');
    const { datasets, problems } = await thinHomes(job, listed);
    expect(datasets.map(({ dataset, destroyed }) => [dataset, destroyed.length])).toEqual([
      [home, 2],
      ['data/profiles/bob', 0],
      ['data/profiles/carol', 2],
    ]);
    expect(problems).toHaveLength(2);
  });
});

describe('on a Mac', () => {
  test('without channel programs bookmarks come first, then all goes in one command', async () => {
    const { world, first } = await usedHome(3);
    const from = first.thinner.commandLog.length;
    expect(await thinOn(world, first, null)).toMatchObject({ problems: [] });
    expect(shortNames(world, first)).toHaveLength(1);
    const commands = commandsOf(first.thinner).slice(from);
    expect(commands.map((line) => line.split(' ')[0])).toEqual([
      ...['list', 'program', 'bookmark', 'bookmark', 'bookmark', 'destroy'],
    ]);
  });

  test('only what the server has goes, and the newest common one stays', async () => {
    const { world, first } = await usedHome(3);
    first.online = false;
    const synced = shortNames(world, first);
    await runAgent(world, first, 'login', null);
    edit(world, first);
    await runAgent(world, first, 'logout', null);
    first.online = true;
    const unsynced = shortNames(world, first).filter((short) => !synced.includes(short));
    expect(unsynced).toHaveLength(1);
    const from = first.toServer.commandLog.length;
    expect(await thinOn(world, first, null)).toMatchObject({ problems: [] });
    expect(shortNames(world, first)).toEqual([...synced.slice(-1), ...unsynced]);
    expect(commandsOf(first.toServer).slice(from)).toEqual([
      `list -Hp -t snapshot,bookmark -o name,guid -r ${home}`,
    ]);
  });

  test('with the server away nothing goes; a home that it lacks stays as it is, and the others go', async () => {
    const { world, first } = await usedHome(3);
    const before = versionsOf(first.machine);
    const cut = thinningOf(world, first, new FaultyRun({ kind: 'cut', command: 1 }));
    await expect(run(cut)).rejects.toThrow('the link was cut');
    expect(versionsOf(first.machine)).toEqual(before);
    await zfs(first.root, 'create data/profiles/local');
    for (const name of ['a', 'b']) await zfs(first.root, `snapshot data/profiles/local@${name}`);
    expect((await thinOn(world, first, null))?.datasets.map(({ dataset }) => dataset)).toEqual([home]);
    expect(first.machine.datasets.get('data/profiles/local')?.snapshots).toHaveLength(2);
  });

  test('nothing to do asks the server nothing', async () => {
    const { world, first } = await usedHome(0);
    const from = first.toServer.commandLog.length;
    await thinOn(world, first, null);
    expect(first.toServer.commandLog).toHaveLength(from);
  });

  test('what the server gave up for a bookmark is synced too', async () => {
    const { world, first } = await usedHome(3);
    await thinOn(world, 'server', null);
    await thinOn(world, first, null);
    expect(shortNames(world, first)).toEqual(shortNames(world, 'server'));
  });

  test('a home at which a login is stays, and the others go; each lock is given back', async () => {
    const { world, first } = await usedHome(2);
    for (const host of [world.admin, first.root]) await zfs(host, 'create data/profiles/bob');
    for (const name of ['a', 'b', 'c']) await zfs(first.root, `snapshot data/profiles/bob@${name}`);
    const locked: string[] = [];
    const job: ThinningJob = {
      ...thinningOf(world, first, new FaultyRun(null)),
      server: { ...thinningOf(world, first, new FaultyRun(null)).server!, zfs: serverWithAll(world, first) },
      lock: (user) => {
        if (user === 'alice')
          return Promise.reject(new RoamhomeError({ code: 'locked', message: 'a login', remedy: 'none' }));
        locked.push(`lock ${user}`);
        return Promise.resolve(() => {
          locked.push(`unlock ${user}`);
          return Promise.resolve();
        });
      },
    };
    const report = await run(job);
    expect(report).toMatchObject({ inUse: ['alice'], problems: [] });
    expect(report.datasets.map(({ dataset }) => dataset)).toEqual(['data/profiles/bob']);
    expect(locked).toEqual(['lock bob', 'unlock bob']);
  });

  test('an open file or a mounted home is in nobody’s way', async () => {
    const { world, first } = await usedHome(2);
    await runAgent(world, first, 'login', null);
    setInUse(first.machine, home, true);
    expect(await thinOn(world, first, null)).toMatchObject({ problems: [] });
    expect(shortNames(world, first)).toHaveLength(1);
  });
});

/** A server that has all that the Mac has. */
function serverWithAll(world: World, mac: Mac): SyncZfs {
  const guids = new Map(
    [...mac.machine.datasets].map(([name, { snapshots }]) => [
      name,
      new Set(snapshots.map(({ guid }) => guid)),
    ]),
  );
  const { zfs: real } = thinningOf(world, mac, new FaultyRun(null));
  return { ...real, run: <T>() => Promise.resolve(guids as T) };
}

describe('the server thins between a look at it and what comes of it', () => {
  /** The Mac as it is, but that the server thins right after the first list of its home. */
  function thinningAfterList(world: World, mac: Mac): Mac {
    let isOver = false;
    const toServer: SimulatedHost = {
      ...mac.toServer,
      run: async (argv, options) => {
        const result = await mac.toServer.run(argv, options);
        if (argv[1] === 'list' && !isOver) {
          isOver = true;
          expect(await thinOn(world, 'server', null)).toMatchObject({ problems: [] });
        }
        return result;
      },
    };
    return { ...mac, toServer };
  }

  test('a pull looks again, and goes on from the bookmark', async () => {
    const { world, first, second } = await usedHome(3);
    const report = await runAgent(world, thinningAfterList(world, second), 'login', null);
    expect(shortNames(world, 'server')).toHaveLength(1);
    expect(report).toMatchObject({ problems: [], mounted: true, sync: { conflict: null } });
    expect([...inHome(second.machine)].sort()).toEqual([...inHome(first.machine)].sort());
  });

  test('a branch whose origin has gone is sent in full', async () => {
    const { world, second } = await usedHome(3);
    second.online = false;
    await runAgent(world, second, 'login', null);
    edit(world, second);
    second.online = true;
    const report = await runAgent(world, thinningAfterList(world, second), 'logout', null);
    expect(report).toMatchObject({
      problems: [],
      sync: { conflict: { branch: expect.anything() as unknown } },
    });
    const [head] = second.machine.datasets.get(home)?.snapshots.slice(-1) ?? [];
    expect([...versionsOf(world.server)]).toContain(`@${head?.guid}`);
  });
});

describe('killed or cut off before and after every command', () => {
  // The server's own thinning has no link to cut.
  const faults = (where: 'server' | 'mac', command: number): readonly Fault[] => [
    { kind: 'killed', when: 'before', command },
    { kind: 'killed', when: 'after', command },
    ...(where === 'mac' ? [{ kind: 'cut', command } as const] : []),
  ];

  test.each(['server', 'mac'] as const)(
    'on the %s: no version is lost, the next run ends the work, and everybody syncs',
    async (where) => {
      let lived = 0;
      for (let command = 1; lived < faults(where, command).length; command++) {
        lived = 0;
        for (const fault of faults(where, command)) {
          const about = JSON.stringify(fault);
          const { world, first, second } = await usedHome(2);
          const at = where === 'server' ? where : first;
          const machine = where === 'server' ? world.server : first.machine;
          const guids = (): readonly string[] => [
            ...new Set([...versionsOf(machine)].map((version) => version.slice(1))),
          ];
          const before = guids();
          const files = [...inHome(first.machine)].sort();
          if ((await thinOn(world, at, fault)) !== null) lived += 1;
          expect([...guids()].sort(), about).toEqual([...before].sort());
          await visit(world, second);
          expect(inHome(second.machine), about).toEqual(expect.arrayContaining(files));
          expect((await thinOn(world, at, null))?.problems, about).toEqual([]);
          expect(shortNames(world, at), about).toHaveLength(1);
          await visit(world, first);
          expect([...inHome(first.machine)].sort(), about).toEqual([...inHome(world.server)].sort());
        }
        expect(command).toBeLessThan(20);
      }
    },
  );
});

describe('the time of the last run', () => {
  test.each<[string, number | null]>([
    ['1800000000', 1_800_000_000],
    ['', null],
    ['{"lastRun":1}', null],
    ['-5', null],
    ['1e400', null],
  ])('%j', (text, want) => {
    expect(parseLastRun(text)).toBe(want);
  });

  test('it is written whole, once the clock was believed', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'roamhome-thin-'));
    try {
      const { world } = await usedHome(2);
      const state = join(directory, 'state');
      const job = (force: boolean): ThinningJob => ({
        ...thinningOf(world, 'server', new FaultyRun(null)),
        force,
        lastRun: lastRunFile(state),
      });
      world.now += 100 * day;
      await expect(run(job(false))).rejects.toThrow('passed over 100 days');
      expect(readdirSync(directory)).toEqual([]);
      await run(job(true));
      expect(readdirSync(state)).toEqual(['thin.json']);
      expect(readFileSync(join(state, 'thin.json'), 'utf8')).toBe(String(Math.floor(world.now / 1000)));
      expect(await run(job(false))).toMatchObject({ problems: [] });
      writeFileSync(join(state, 'thin.json'), 'nonsense');
      await expect(run(job(false))).rejects.toThrow('passed over 100 days');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
