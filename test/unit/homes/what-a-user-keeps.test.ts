import { describe, expect, test } from 'vitest';
import { login } from '../../../src/homes/login.ts';
import { logout } from '../../../src/homes/logout.ts';
import { mountedFiles, powerCut } from '../../../src/simulator/files/files.ts';
import { FaultyRun, type Fault } from '../../support/model/faults.ts';
import {
  inHome,
  onServer,
  reachable,
  recordOf,
  unfinishedSetAsides,
} from '../../support/model/invariants.ts';
import {
  createWorld,
  edit,
  isMounted,
  losePower,
  pushFrom,
  runAgent,
  sessionOn,
  tendingOf,
  type Mac,
  type World,
} from '../../support/model/world.ts';
import { tend } from '../../../src/homes/tending/tend.ts';

const home = 'data/profiles/alice';
const conflicts = 'data/profiles-conflicts';

interface Macs {
  readonly world: World;
  readonly first: Mac;
  readonly second: Mac;
}

/** Both Macs have the home, and nobody is logged in. */
async function twoMacs(options: { readonly children: boolean } = { children: false }): Promise<Macs> {
  const world = await createWorld(options);
  const [first, second] = world.macs as readonly [Mac, Mac];
  edit(world, first);
  for (const [mac, what] of [
    [first, 'logout'],
    [second, 'login'],
    [second, 'logout'],
  ] as const)
    await runAgent(world, mac, what, null);
  return { world, first, second };
}

/** Work in the home: what was written, as `inHome` and the like name it. */
function work(world: World, mac: Mac, bytes = 0): readonly string[] {
  world.now += 60_000;
  const before = new Set(inHome(mac.machine));
  edit(world, mac);
  if (bytes > 0) mountedFiles(mac.machine, home).write(`kept-big-${world.edits}`, 'x'.repeat(bytes));
  return inHome(mac.machine).filter((content) => !before.has(content));
}

const branchesOn = (world: World): readonly string[] =>
  [...world.server.datasets.keys()].filter((name) => name.startsWith(`${conflicts}/alice-`));

/** Another Mac's push that was cut: until the server gives it up, nothing else can be received there. */
async function blockServer({ world, first }: Macs): Promise<void> {
  await runAgent(world, first, 'login', null);
  work(world, first, 200_000);
  const cut: Fault = { kind: 'cut-at-byte', bytes: 60_000 };
  expect(await runAgent(world, first, 'logout', cut)).toMatchObject({ pending: true });
  expect(world.server.datasets.get(home)?.partial).not.toBeNull();
}

async function giveUpPartials(world: World): Promise<void> {
  const job = tendingOf(world);
  await tend(job);
  world.now += 2 * 3_600_000;
  await tend(job);
}

describe('a logout', () => {
  test('that dies while it sends leaves a note, by which a job sends the home', async () => {
    const { world, first } = await twoMacs();
    await runAgent(world, first, 'login', null);
    const written = work(world, first, 200_000);
    await runAgent(world, first, 'logout', { kind: 'killed-at-byte', bytes: 50_000 });
    expect([...first.pending.keys()]).toEqual(['alice']);
    expect(await pushFrom(world, first, null)).toMatchObject({ outcome: 'sent' });
    for (const content of written) expect(onServer(world)).toContain(content);
    expect(first.pending.size).toBe(0);
  });

  test('sends a dataset that this Mac alone has, though the rest of the home is a conflict', async () => {
    const { world, first, second } = await twoMacs();
    await runAgent(world, second, 'login', null);
    await runAgent(world, first, 'login', null);
    work(world, first);
    await runAgent(world, first, 'logout', null);
    await second.root.run(['zfs', 'create', `${home}/letters`]);
    const written = work(world, second);
    expect(written).toContain(written.find((content) => content.includes('/letters')));
    expect(written.filter((content) => content.includes('/letters'))).toHaveLength(1);
    const report = await runAgent(world, second, 'logout', null);
    expect(report?.sync?.conflict?.branch).toMatch(/^data\/profiles-conflicts\/alice-mac1-/);
    for (const content of written) expect(onServer(world)).toContain(content);
  });

  test('does not call sent what went only to this Mac’s own conflict copy', async () => {
    const macs = await twoMacs();
    const { world, first, second } = macs;
    await runAgent(world, second, 'login', null);
    await runAgent(world, first, 'login', null);
    work(world, first);
    await runAgent(world, first, 'logout', null);
    const written = work(world, second, 200_000);
    const report = await runAgent(world, second, 'logout', { kind: 'cut-at-byte', bytes: 20_000 });
    expect(report).toMatchObject({ pending: true });
    expect([...second.pending.keys()]).toEqual(['alice']);
    expect(await pushFrom(world, second, null)).toMatchObject({ outcome: 'sent' });
    for (const content of written) expect(onServer(world)).toContain(content);
  });

  test('puts what waits for a blocked server into one branch, however often it grows', async () => {
    const macs = await twoMacs();
    const { world, second } = macs;
    await blockServer(macs);
    await runAgent(world, second, 'login', null);
    const written = [...work(world, second)];
    await runAgent(world, second, 'logout', null);
    expect(branchesOn(world)).toHaveLength(1);
    await runAgent(world, second, 'login', null);
    written.push(...work(world, second));
    await runAgent(world, second, 'logout', null);
    expect(branchesOn(world)).toHaveLength(1);
    for (const content of written) expect(onServer(world)).toContain(content);
  });

  test('finishes what a login left that died while it set the home aside, and finds the home', async () => {
    for (let command = 4; ; command += 1) {
      const { world, first, second } = await twoMacs();
      await runAgent(world, second, 'login', null);
      await runAgent(world, first, 'login', null);
      work(world, first);
      await runAgent(world, first, 'logout', null);
      const written = work(world, second);
      losePower(second);
      const died = await runAgent(world, second, 'login', { kind: 'killed', when: 'after', command });
      powerCut(second.machine);
      const report = await runAgent(world, second, 'logout', null);
      expect(report?.problems, `killed after command ${command}`).toEqual([]);
      for (const content of written) expect(reachable(world)).toContain(content);
      expect(await runAgent(world, second, 'login', null)).toMatchObject({ mounted: true, problems: [] });
      expect(unfinishedSetAsides(world)).toEqual([]);
      if (died !== null) break;
    }
  });
});

describe('a login', () => {
  test('that is asked to end while it syncs shows the home all the same', async () => {
    const { world, first } = await twoMacs();
    const stop = new AbortController();
    const session = sessionOn(world, first, new FaultyRun(null));
    const connect = async (): Promise<void> => {
      await Promise.resolve();
      stop.abort(new Error('asked to end'));
    };
    const report = await login({
      ...session,
      signal: stop.signal,
      server: { ...session.server, connect },
      local: {
        ...session.local,
        // As the system's own commands do, which are killed by it.
        run: (command, options) =>
          options?.signal?.aborted === true
            ? Promise.reject(new Error('killed by the signal'))
            : session.local.run(command, options),
      },
    });
    expect(report.mounted).toBe(true);
    expect(isMounted(first)).toBe(true);
  });

  test('shows the datasets that it has just brought, each in its place', async () => {
    const { world, first, second } = await twoMacs();
    await runAgent(world, first, 'login', null);
    await first.root.run(['zfs', 'create', `${home}/letters`]);
    const written = work(world, first);
    await runAgent(world, first, 'logout', null);
    await runAgent(world, second, 'login', null);
    expect(second.machine.datasets.get(`${home}/letters`)?.mounted).not.toBeNull();
    for (const content of written) expect(inHome(second.machine)).toContain(content);
  });

  test('shows the home without a word about a dataset below that has no place, and keeps what is in it', async () => {
    const { world, first, second } = await twoMacs({ children: true });
    await runAgent(world, first, 'login', null);
    for (const [name, value] of [
      ['attic', 'none'],
      ['cellar', 'legacy'],
    ] as const)
      for (const mac of [first, second])
        await mac.root.run([
          'zfs',
          'create',
          '-o',
          `mountpoint=${value}`,
          `${home}/${name}-${mac.machine === first.machine ? 1 : 2}`,
        ]);
    expect(await runAgent(world, first, 'logout', null)).toMatchObject({ pending: false, problems: [] });
    for (const mac of [first, second]) {
      expect(await runAgent(world, mac, 'login', null)).toMatchObject({ mounted: true, problems: [] });
      expect(await runAgent(world, mac, 'logout', null)).toMatchObject({ pending: false, problems: [] });
    }
    for (const name of ['attic-1', 'cellar-1', 'attic-2', 'cellar-2'])
      expect(world.server.datasets.get(`${home}/${name}`)?.snapshots).not.toEqual([]);
  });

  test('shows what an admin has put into the home though what this Mac has to send does not get through', async () => {
    const { world, first } = await twoMacs();
    await runAgent(world, first, 'login', null);
    first.online = false;
    const written = work(world, first, 200_000);
    expect(await runAgent(world, first, 'logout', null)).toMatchObject({ pending: true });
    for (const words of [
      `create -o canmount=noauto -o mountpoint=/srv/letters ${home}/letters`,
      `mount ${home}/letters`,
    ])
      expect(await world.admin.run(['zfs', ...words.split(' ')])).toMatchObject({ exitCode: 0 });
    mountedFiles(world.server, `${home}/letters`).write('kept-letter', 'a letter of the school');
    for (const words of [`snapshot ${home}/letters@school`, `unmount ${home}/letters`])
      expect(await world.admin.run(['zfs', ...words.split(' ')])).toMatchObject({ exitCode: 0 });
    first.online = true;
    const report = await runAgent(world, first, 'login', { kind: 'cut-at-byte', bytes: 60_000 });
    expect(report).toMatchObject({ mounted: true, pending: true });
    for (const content of [...written, 'a letter of the school'])
      expect(inHome(first.machine)).toContain(content);
    expect(await runAgent(world, first, 'logout', null)).toMatchObject({ pending: false, problems: [] });
    for (const content of written) expect(inHome(world.server)).toContain(content);
  });

  test('that has brought what the server had says that nothing was left there', async () => {
    const { world, first, second } = await twoMacs();
    await runAgent(world, first, 'login', null);
    work(world, first);
    await runAgent(world, first, 'logout', null);
    expect((await runAgent(world, second, 'login', null))?.sync).toMatchObject({ leftBehind: false });
    // A logout brings nothing, and says so.
    await runAgent(world, second, 'logout', null);
    await runAgent(world, first, 'login', null);
    await runAgent(world, second, 'login', null);
    work(world, first);
    await runAgent(world, first, 'logout', null);
    expect((await runAgent(world, second, 'logout', null))?.sync).toMatchObject({ leftBehind: true });
  });

  test('keeps this Mac’s newest work as the home while the server is blocked', async () => {
    const macs = await twoMacs();
    const { world, second } = macs;
    await runAgent(world, second, 'login', null);
    await blockServer(macs);
    const written = work(world, second);
    await runAgent(world, second, 'logout', null);
    const report = await runAgent(world, second, 'login', null);
    expect(report).toMatchObject({ mounted: true });
    expect(report?.sync?.conflict?.setAside ?? null).toBeNull();
    for (const content of written) expect(inHome(second.machine)).toContain(content);
  });

  test('notes what a crash left unsent where the server is away, by which a job sends it', async () => {
    const { world, first } = await twoMacs();
    await runAgent(world, first, 'login', null);
    const written = work(world, first);
    losePower(first);
    first.online = false;
    expect(await runAgent(world, first, 'login', null)).toMatchObject({ mounted: true, pending: true });
    expect([...first.pending.keys()]).toEqual(['alice']);
    first.online = true;
    await pushFrom(world, first, null);
    for (const content of written) expect(onServer(world)).toContain(content);
  });

  test('that shows no home takes its record off the server again', async () => {
    const { world, first } = await twoMacs();
    const session = sessionOn(world, first, new FaultyRun(null));
    const report = await login({
      ...session,
      mountpoints: { ...session.mountpoints, isMountpoint: () => Promise.resolve(false) },
      local: {
        ...session.local,
        run: (command, options) =>
          command.argv[1] === 'mount'
            ? Promise.reject(new Error('no mount'))
            : session.local.run(command, options),
      },
    });
    expect(report.mounted).toBe(false);
    expect(recordOf(world)).toBeNull();
  });

  test('brings the server’s home back in step once the server has given up what blocked it', async () => {
    const macs = await twoMacs();
    const { world, first, second } = macs;
    await blockServer(macs);
    await giveUpPartials(world);
    await pushFrom(world, first, null);
    expect(await runAgent(world, second, 'login', null)).toMatchObject({ mounted: true, problems: [] });
    expect([...inHome(second.machine)].sort()).toEqual([...inHome(first.machine)].sort());
  });
});

describe('a job that sends', () => {
  test('beside another Mac’s session leaves the server’s line to that Mac', async () => {
    const { world, first, second } = await twoMacs();
    await runAgent(world, first, 'login', null);
    first.online = false;
    const here = work(world, first);
    // Snapshotted, and not sent; the user stays logged in.
    await logout({ ...sessionOn(world, first, new FaultyRun(null)) });
    await runAgent(world, first, 'login', null);
    first.online = true;
    await runAgent(world, second, 'login', null);
    const there = work(world, second);
    expect(await pushFrom(world, first, null)).toMatchObject({ outcome: 'sent' });
    await runAgent(world, second, 'logout', null);
    for (const content of there) expect(inHome(world.server)).toContain(content);
    for (const content of here) expect(onServer(world)).toContain(content);
    expect(await runAgent(world, second, 'login', null)).toMatchObject({ problems: [] });
    for (const content of there) expect(inHome(second.machine)).toContain(content);
  });
});
