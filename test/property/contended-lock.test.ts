import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isRoamhomeError } from '../../src/errors/errors.ts';
import { checkpoint } from '../../src/homes/checkpoint.ts';
import { login } from '../../src/homes/login.ts';
import { logout } from '../../src/homes/logout.ts';
import { pushPending } from '../../src/homes/push-pending.ts';
import { mountedFiles } from '../../src/simulator/files/files.ts';
import { tend } from '../../src/homes/tending/tend.ts';
import { listHomes } from '../../src/thinning/plan-homes.ts';
import { thinHomes } from '../../src/thinning/thin-homes.ts';
import { collectNoStacks } from '../support/model/collect-no-stacks.ts';
import { FaultyRun } from '../support/model/faults.ts';
import {
  inHome,
  inSnapshots,
  onServer,
  reachable,
  unfinishedSetAsides,
} from '../support/model/invariants.ts';
import { modelLock, untilItWaits, type ModelLock } from '../support/model/lock-of.ts';
import {
  createWorld,
  edit,
  isMounted,
  runAgent,
  sessionOn,
  tendingOf,
  thinningOf,
  type Mac,
  type World,
} from '../support/model/world.ts';

collectNoStacks();

const home = 'data/profiles/alice';

/** Commands of one user's home on one Mac; `tend` is the server's, which has no lock. */
type Command = 'login' | 'logout' | 'checkpoint' | 'push' | 'thin' | 'tend';

/** Two commands at once: the second begins before the n-th of the first's own commands. */
interface Case {
  readonly children: boolean;
  readonly first: Command;
  readonly second: Command;
  readonly at: number;
  /** The first does nothing more until the second has ended, which waits for as long as it would. */
  readonly hangs: boolean;
  readonly online: boolean;
  /** An earlier logout could not send. */
  readonly isPending: boolean;
  /** Another Mac has worked meanwhile: this one's line is a conflict. */
  readonly hasMoved: boolean;
}

const cases: fc.Arbitrary<Case> = fc.record({
  children: fc.boolean(),
  first: fc.constantFrom<Command>('login', 'logout', 'checkpoint', 'push', 'thin'),
  second: fc.constantFrom<Command>('logout', 'logout', 'login', 'checkpoint', 'push', 'thin', 'tend'),
  at: fc.integer({ min: 1, max: 16 }),
  hangs: fc.boolean(),
  online: fc.boolean(),
  isPending: fc.boolean(),
  hasMoved: fc.boolean(),
});

/** Written in a dataset that takes no part in sync. */
const staysHere = (content: string): boolean => content.includes('/caches');

function missingIn(there: ReadonlySet<string>, written: readonly string[]): readonly string[] {
  return written.filter((one) => !there.has(one) && !staysHere(one)).map((one) => one.slice(0, 40));
}

/** Runs a command as a process of its own would; what it says is its own affair. */
async function perform(
  what: Command,
  { world, mac, lock, run }: { world: World; mac: Mac; lock: ModelLock; run: FaultyRun },
  contender = lock.contender(),
): Promise<void> {
  const { acquireLock, signal } = contender;
  const session = { ...sessionOn(world, mac, run), acquireLock, signal, askToEnd: lock.askToEnd };
  try {
    if (what === 'login') {
      const { mounted } = await login(session);
      expect(mounted).toBe(isMounted(mac));
    } else if (what === 'logout') await logout(session);
    else if (what === 'checkpoint') await checkpoint(session);
    else if (what === 'push') await pushPending(session);
    else if (what === 'tend') await tend(tendingOf(world));
    else if (mac.online) {
      const job = {
        ...thinningOf(world, mac, run),
        ...{ signal, lock: (user: string) => acquireLock({ user, what: 'thin', waitMs: 0, signal }) },
      };
      await thinHomes(job, await listHomes(job));
    }
  } catch (error) {
    // A job that is asked to end, or finds another at it, says so.
    if (!isRoamhomeError(error, 'cancelled', 'locked', 'server-unreachable', 'connection-lost'))
      if (!signal.aborted) throw error;
  }
}

async function play(one: Case): Promise<void> {
  const world = await createWorld({ children: one.children });
  const [mac, other] = world.macs as readonly [Mac, Mac];
  const kept: string[] = [];
  const work = (at: Mac): void => {
    world.now += 60_000;
    edit(world, at);
    kept.push(...inHome(at.machine));
  };
  // Something to thin, and both Macs have the home.
  for (const at of [mac, other, mac]) {
    if (at !== mac || world.edits > 0) await runAgent(world, at, 'login', null);
    work(at);
    await runAgent(world, at, 'logout', null);
  }
  if (one.isPending) {
    await runAgent(world, mac, 'login', null);
    work(mac);
    mac.online = false;
    await runAgent(world, mac, 'logout', null);
    mac.online = true;
  }
  if (one.hasMoved) {
    await runAgent(world, other, 'login', null);
    work(other);
    await runAgent(world, other, 'logout', null);
  }
  // Nobody but the session's own run has worked in it yet where that is the login.
  if (one.first !== 'login') {
    mac.online = !one.isPending && !one.hasMoved;
    await runAgent(world, mac, 'login', null);
    work(mac);
    mountedFiles(mac.machine, home).write(`kept-big-${world.edits}`, 'x'.repeat(9000));
    kept.push('x'.repeat(9000));
  }
  mac.online = one.online;
  world.now += 60_000;

  const lock = modelLock();
  const commandsRun = (): number => mac.host.commandLog.length + mac.toServer.commandLog.length;
  const inside = inHome(mac.machine);
  const begun: Promise<void>[] = [];
  const begin = async (): Promise<void> => {
    const contender = lock.contender();
    const second = perform(one.second, { world, mac, lock, run: new FaultyRun(null) }, contender);
    second.catch(() => undefined);
    begun.push(second);
    await untilItWaits(second, contender, commandsRun);
    // Whatever it waits for, and however long: the power may go now.
    if (one.second === 'logout') {
      const missing = missingIn(inSnapshots(mac.machine), inside);
      expect(missing, 'in no snapshot while a logout waits for another run').toEqual([]);
    }
    if (!one.hangs) return;
    contender.giveUp();
    await second;
  };
  // The kind of what happens is nothing to the run.
  const run = new FaultyRun({ kind: 'meanwhile', command: one.at, what: 'tend' }, begin);
  await perform(one.first, { world, mac, lock, run });
  // One that ran fewer commands is over by now.
  await (begun.length === 0 ? begin() : run.othersToo());
  await Promise.all(begun);
  if (one.first === 'logout' || one.second === 'logout')
    expect(missingIn(inSnapshots(mac.machine), inside), 'in no snapshot after a logout').toEqual([]);
  expect(missingIn(reachable(world), kept), 'lost').toEqual([]);
  const unsent = missingIn(onServer(world), inHome(mac.machine));
  if (one.first === 'logout' || one.second === 'logout')
    expect(unsent.length === 0 || mac.pending.size > 0, 'neither sent nor noted').toBe(true);

  // From here on one after the other: it goes on as if nothing had been.
  mac.online = true;
  for (const [at, what] of [
    [mac, 'logout'],
    [mac, 'login'],
    [mac, 'logout'],
    [other, 'login'],
    [other, 'logout'],
  ] as const) {
    world.now += 60_000;
    expect((await runAgent(world, at, what, null))?.problems, `${what} on ${at.name} after it`).toEqual([]);
  }
  expect(missingIn(onServer(world), kept), 'not on the server in the end').toEqual([]);
  expect(unfinishedSetAsides(world)).toEqual([]);
  expect(mac.pending.size, 'a note of what is sent').toBe(0);
  expect([...inHome(other.machine)].filter((one) => !staysHere(one)).sort()).toEqual(
    [...inHome(world.server)].sort(),
  );
}

const what = 'two commands of one home at once lose nothing, and a logout that waits has made its snapshot';

test(what, { timeout: 600_000 }, async () => {
  await fc.assert(fc.asyncProperty(cases, play), { seed: 20261130, numRuns: 40 });
});
