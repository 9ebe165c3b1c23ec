import fc from 'fast-check';
import { expect } from 'vitest';
import type { Machine } from '../../../src/simulator/machine.ts';
import { tend, type TendOptions } from '../../../src/homes/tending/tend.ts';
import { isMountedSomehow, pruneInterrupted, setBusy, setFull } from './disturb.ts';
import type { Fault, Meanwhile } from './faults.ts';
import {
  inHome,
  inSnapshots,
  misnamedConflicts,
  onServer,
  reachable,
  reachableLogs,
  recordOf,
  rollbacksOf,
  stateOf,
  unfinishedSetAsides,
  unsentOn,
  versionsOf,
  watchCommands,
} from './invariants.ts';
import {
  browse,
  checkpointOn,
  createWorld,
  edit,
  foreignSnapshot,
  isMounted,
  losePower,
  pushFrom,
  runAgent,
  tendingOf,
  thinOn,
  type HomeOptions,
  type Mac,
  type World,
} from './world.ts';

const home = 'data/profiles/alice';

/** One event of a history; `mac` is an index. */
export type Event =
  /** In, some work, and out in one of three ways; `stays`: still there when the user comes to another Mac. */
  | {
      readonly do: 'session';
      readonly mac: number;
      readonly entering: Fault;
      readonly works: boolean;
      /** macOS writes what it makes by itself: Finder, fseventsd. */
      readonly browses?: boolean;
      /** The job comes by after the work; undefined: it does not. */
      readonly checkpoint?: Fault | undefined;
      readonly end: 'logout' | 'power-cut' | 'stays';
      readonly leaving: Fault;
    }
  | { readonly do: 'edit'; readonly mac: number }
  | { readonly do: 'login' | 'logout'; readonly mac: number; readonly fault: Fault }
  /** The jobs that send what is pending, and what is being worked at, whoever is logged in. */
  | { readonly do: 'push' | 'checkpoint'; readonly mac: number; readonly fault: Fault }
  | { readonly do: 'network'; readonly mac: number; readonly online: boolean }
  | { readonly do: 'power-cut'; readonly mac: number }
  | { readonly do: 'clock'; readonly seconds: number }
  /** `blank`: with a name that no command on the server can say. */
  | { readonly do: 'foreign-snapshot'; readonly mac: number | 'server'; readonly blank?: boolean }
  /** A tool, or a person, takes a snapshot away on a Mac of which half is on the server; else nothing happens. */
  | { readonly do: 'prune-interrupted'; readonly mac: number }
  /** No room for anything more, or room again. */
  | { readonly do: 'fill'; readonly mac: number | 'server'; readonly full: boolean }
  /** A program has a file of the home open, for so many tries to unmount it; on Linux force does not help. */
  | { readonly do: 'busy'; readonly mac: number; readonly tries: number; readonly evenByForce: boolean }
  /** Of all but what has to stay. */
  | { readonly do: 'thin'; readonly mac: number | 'server'; readonly fault: Fault }
  /** The server's job; `late`: after the time that an interrupted transfer may wait. */
  | { readonly do: 'tend'; readonly late: boolean }
  /** An admin's list of excluded folders: that one, or none. */
  | { readonly do: 'exclude'; readonly listed: boolean }
  | { readonly do: 'rename-on-server' }
  | { readonly do: 'rollback-on-server' };

export interface History extends HomeOptions {
  readonly events: readonly Event[];
}

// A login that sets a home of two datasets aside runs 32.
const command = fc.integer({ min: 1, max: 32 });
const bytes = fc.integer({ min: 1, max: 9000 });
const meanwhile = fc.constantFrom<Meanwhile>(
  'snapshot-here',
  'snapshot-here',
  'snapshot-on-server',
  'snapshot-on-server',
  'thin-server',
  'tend',
  'login-elsewhere',
);
const fault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(null) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('killed' as const),
      when: fc.constantFrom('before' as const, 'after' as const),
      command,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('killed-at-byte' as const), bytes }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), command }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut-at-byte' as const), bytes }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('meanwhile' as const), command, what: meanwhile }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('meanwhile-at-byte' as const),
      // Most streams have a head of some hundred bytes, and few thousand in all.
      bytes: fc.integer({ min: 300, max: 4000 }),
      what: meanwhile,
    }),
  },
);

const sometimes = fc.integer({ min: 0, max: 4 }).map((n) => n === 4);

/** What happens on those of the Macs, and on the server. */
function eventsOn(mac: fc.Arbitrary<number>): fc.Arbitrary<Event[]> {
  const place = fc.oneof(mac, fc.constant('server' as const));
  const session = (what: 'login' | 'logout'): fc.Arbitrary<Event> =>
    fc.record({ do: fc.constant(what), mac, fault });
  return fc.array(
    fc.oneof(
      {
        weight: 40,
        arbitrary: fc.record({
          do: fc.constant('session' as const),
          mac,
          entering: fault,
          works: fc.integer({ min: 0, max: 3 }).map((n) => n > 0),
          browses: fc.integer({ min: 0, max: 3 }).map((n) => n === 3),
          checkpoint: fc.oneof(
            { weight: 3, arbitrary: fc.constant(undefined) },
            { weight: 1, arbitrary: fault },
          ),
          end: fc.constantFrom('logout' as const, 'logout' as const, 'power-cut' as const, 'stays' as const),
          leaving: fault,
        }),
      },
      { weight: 10, arbitrary: fc.record({ do: fc.constant('edit' as const), mac }) },
      { weight: 4, arbitrary: session('login') },
      { weight: 10, arbitrary: session('logout') },
      {
        weight: 14,
        arbitrary: fc.record({ do: fc.constant('network' as const), mac, online: fc.boolean() }),
      },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('power-cut' as const), mac }) },
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant('clock' as const),
          seconds: fc.integer({ min: -90, max: 90 }),
        }),
      },
      {
        weight: 5,
        arbitrary: fc.record({ do: fc.constant('foreign-snapshot' as const), mac: place, blank: sometimes }),
      },
      { weight: 6, arbitrary: fc.record({ do: fc.constant('prune-interrupted' as const), mac }) },
      {
        weight: 5,
        arbitrary: fc.record({ do: fc.constant('fill' as const), mac: place, full: fc.boolean() }),
      },
      {
        weight: 5,
        arbitrary: fc.record({
          do: fc.constant('busy' as const),
          mac,
          tries: fc.constantFrom(0, 1, 2, 3, 99),
          evenByForce: fc.boolean(),
        }),
      },
      { weight: 6, arbitrary: fc.record({ do: fc.constant('thin' as const), mac: place, fault }) },
      { weight: 8, arbitrary: fc.record({ do: fc.constant('push' as const), mac, fault }) },
      { weight: 8, arbitrary: fc.record({ do: fc.constant('checkpoint' as const), mac, fault }) },
      { weight: 6, arbitrary: fc.record({ do: fc.constant('tend' as const), late: fc.boolean() }) },
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant('exclude' as const),
          // Most stay.
          listed: fc.integer({ min: 0, max: 3 }).map((n) => n > 0),
        }),
      },
      { weight: 1, arbitrary: fc.constant({ do: 'rename-on-server' as const }) },
      { weight: 1, arbitrary: fc.constant({ do: 'rollback-on-server' as const }) },
    ),
    { minLength: 3, maxLength: 11 },
  );
}

export const histories: fc.Arbitrary<History> = fc.record({
  children: fc.boolean(),
  volumes: sometimes,
  raw: sometimes,
  blanks: sometimes,
  // On one Mac alone there is nobody to conflict with.
  events: fc.oneof(
    { weight: 6, arbitrary: eventsOn(fc.integer({ min: 0, max: 2 })) },
    { weight: 1, arbitrary: eventsOn(fc.constant(0)) },
  ),
});

/** Plays a history, and fails where an invariant does not hold after an event. */
export async function play({ events, ...options }: History): Promise<void> {
  const world = await createWorld(options);
  // What was in a home when a session ended, whichever way: it may never be lost.
  let kept = new Set<string>();
  let logs: ReadonlySet<string> = new Set();
  // What an admin took from the server on purpose need not be brought there again.
  const takenAway = new Set<string>();
  // Who works on one Mac alone, and whose server nobody else changes, has nobody to conflict with.
  let isAlone = true;
  const forbidden = watchCommands(world);
  const job = tendingOf(world);
  const check = (what: string): void => {
    const there = reachable(world);
    const gone = [...kept].filter((content) => !there.has(content));
    expectNone(gone, `lost by ${what}`);
    expectNone(forbidden(), what);
  };
  for (const [index, event] of events.entries()) {
    const what = `event ${index}: ${JSON.stringify(event)}`;
    const before = versionsOf(world.server);
    const contents = onServer(world);
    const rollbacks = rollbacksOf(world);
    const ofAdmin = await apply(world, event, kept, job);
    isAlone &&= isOfOneMac(event, options);
    if (isAlone) expectNone(world.conflicts, `told of a conflict with nobody: ${what}`);
    const there = onServer(world);
    const missing = [...contents].filter((content) => !there.has(content));
    if (ofAdmin) for (const content of missing) takenAway.add(content);
    else expectNone(missing, `no longer on the server by ${what}`);
    if (ofAdmin) {
      // What an admin destroyed, they destroyed.
      const left = reachable(world);
      kept = new Set([...kept].filter((content) => left.has(content)));
    } else {
      const after = versionsOf(world.server);
      const does = whatHappens(event);
      if (does.has('thin') || does.has('thin-server')) {
        // As snapshot, as bookmark or as both: killed anywhere.
        const left = new Set([...after].map((version) => version.slice(1)));
        expectNone(
          [...before].filter((version) => !left.has(version.slice(1))),
          what,
        );
      } else if (!does.has('tend')) {
        expectNone(
          [...before].filter((version) => !after.has(version)),
          what,
        );
      }
    }
    check(what);
    // Not the user's, and still only a rollback of an agent may give it up.
    const logsBefore = logs;
    logs = reachableLogs(world);
    const does = whatHappens(event);
    const mayGo = ofAdmin || does.has('thin') || does.has('thin-server') || does.has('tend');
    if (mayGo || rollbacksOf(world) > rollbacks) continue;
    const gone = [...logsBefore].filter((log) => !logs.has(log));
    expectNone(gone, what);
  }
  await settle(world, job, check);
  const atEnd = onServer(world);
  const isExcused = (one: string): boolean => takenAway.has(one) || staysHere.test(one);
  const unsent = [...kept].filter((one) => !atEnd.has(one) && !isExcused(one));
  expectNone(unsent, 'not on the server at the end');
}

/** Written in a dataset that takes no part in sync. */
const staysHere = /\/(caches|roamhome-excluded-|Calibre Library)/;

/** Written in a dataset that nobody snapshots. */
const leftOut = /\/(caches|roamhome-excluded-)/;

/** `expect` takes longer than most of what is asked here, thousands of times: it is for what fails. */
function expectNone(found: readonly unknown[], what: string): void {
  if (found.length > 0) expect(found, what).toEqual([]);
}

/** True for what the first Mac does, and for what happens on the server without any change of the home there. */
function isOfOneMac(event: Event, { raw = false }: HomeOptions): boolean {
  const does = whatHappens(event);
  if (does.has('rename-on-server') || does.has('rollback-on-server') || does.has('login-elsewhere'))
    return false;
  // Onto a snapshot of another tool there no raw stream goes.
  if (raw && isOfToolOnServer(event)) return false;
  return !('mac' in event) || event.mac === 0 || event.mac === 'server';
}

function isOfToolOnServer(event: Event): boolean {
  return (
    (event.do === 'foreign-snapshot' && event.mac === 'server') ||
    whatHappens(event).has('snapshot-on-server')
  );
}

/** What an event does, and what others do meanwhile. */
function whatHappens(event: Event): ReadonlySet<string> {
  const faults =
    event.do === 'session'
      ? [event.entering, event.checkpoint, event.leaving]
      : 'fault' in event
        ? [event.fault]
        : [];
  return new Set([
    event.do,
    ...faults.flatMap((fault) =>
      fault !== undefined && fault !== null && 'what' in fault ? [fault.what] : [],
    ),
  ]);
}

/** True when it is of those that may destroy. */
async function apply(world: World, event: Event, kept: Set<string>, job: TendOptions): Promise<boolean> {
  const macOf = (index: number): Mac => world.macs[index]!;
  const endSession = (at: Mac): void => {
    for (const content of inHome(at.machine)) kept.add(content);
  };
  switch (event.do) {
    case 'session': {
      const at = macOf(event.mac);
      endSession(at);
      await enter(world, at, event.entering);
      if (event.works) edit(world, at);
      if (event.browses === true) browse(world, at);
      if (event.checkpoint !== undefined) await workOn(world, at, event.checkpoint);
      if (event.end === 'stays') return false;
      endSession(at);
      if (event.end === 'power-cut') losePower(at);
      else await leave(world, at, event.leaving);
      return false;
    }
    case 'edit':
      edit(world, macOf(event.mac));
      return false;
    case 'login':
    case 'logout': {
      const at = macOf(event.mac);
      endSession(at);
      await (event.do === 'login' ? enter : leave)(world, at, event.fault);
      return false;
    }
    case 'push': {
      const at = macOf(event.mac);
      if (at.pending.size > 0) await pushFrom(world, at, event.fault);
      return false;
    }
    case 'checkpoint':
      await workOn(world, macOf(event.mac), event.fault);
      return false;
    case 'network':
      macOf(event.mac).online = event.online;
      return false;
    case 'power-cut':
      endSession(macOf(event.mac));
      losePower(macOf(event.mac));
      return false;
    case 'clock':
      world.now += event.seconds * 1000;
      return false;
    case 'foreign-snapshot':
      await foreignSnapshot(world, event.mac === 'server' ? 'server' : macOf(event.mac), event.blank);
      return false;
    case 'prune-interrupted':
      return pruneInterrupted(world, macOf(event.mac));
    case 'fill':
      setFull(world, event.mac === 'server' ? 'server' : macOf(event.mac), event.full);
      return false;
    case 'busy':
      setBusy(macOf(event.mac), event.tries, event.evenByForce);
      return false;
    case 'thin':
      await thinOn(world, event.mac === 'server' ? 'server' : macOf(event.mac), event.fault);
      return false;
    case 'tend':
      await tend(job);
      if (event.late) {
        world.now += job.idleMs;
        await tend(job);
      }
      return false;
    case 'exclude':
      await world.admin.run(['zfs', 'set', `roamhome:excluded=${event.listed ? 'Music/own' : 'none'}`, home]);
      return false;
    case 'rename-on-server':
      await world.admin.run(['zfs', 'rename', home, `data/profiles/old-${world.edits}`]);
      return true;
    case 'rollback-on-server': {
      const snapshots = world.server.datasets.get(home)?.snapshots ?? [];
      const to = snapshots.at(-2);
      if (to !== undefined) await world.admin.run(['zfs', 'rollback', '-r', `${home}@${to.short}`]);
      return true;
    }
  }
}

/** A login: a home that is here is there to be worked in at its end. */
async function enter(world: World, at: Mac, fault: Fault): Promise<void> {
  const there = at.machine.datasets.get(home);
  const isWhole = there !== undefined && there.partial?.newDataset !== true;
  const report = await runAgent(world, at, 'login', fault);
  if (report === null) return;
  // What is set aside and could not be sent is on this Mac alone: it is noted, and waits.
  const alone = unsentOn(at.machine);
  if (report.sync?.conflict?.branch === null && report.sync.conflict.setAside !== null && alone.length === 0)
    expect.fail(`a login on ${at.name} has not noted what it has set aside and not sent`);
  if (alone.length > 0 && report.sync !== null && at.pending.size === 0)
    expect.fail(`after a login on ${at.name} nothing waits of ${alone.join()}`);
  if (isWhole && !isMounted(at)) expect.fail(`a login on ${at.name} has left the home unmounted`);
  if (report.mounted !== isMounted(at)) expect.fail(`a login on ${at.name} says mounted: ${report.mounted}`);
}

/** A logout: what was in the home is in a snapshot at its end, on the server or pending. */
async function leave(world: World, at: Mac, fault: Fault): Promise<void> {
  const was = at.machine.datasets.get(home);
  world.recordMeanwhile = null;
  const report = await runAgent(world, at, 'logout', fault);
  // Between two commands nobody can see it; while the home is sent there is time to.
  const others = fault?.kind === 'meanwhile-at-byte' ? (world.recordMeanwhile as string | null) : null;
  if (others !== null && !others.startsWith(`${at.name},`) && recordOf(world) !== others)
    expect.fail(`a logout on ${at.name} has touched the record of who came meanwhile: ${others}`);
  if (report === null || was === undefined) return;
  if (report.mounted !== isMountedSomehow(at))
    expect.fail(`a logout on ${at.name} says mounted: ${report.mounted}`);
  const [snapped, there] = [inSnapshots(at.machine), onServer(world)];
  const inside = inHome(at.machine);
  const unsnapped = inside.filter((one) => !snapped.has(one) && !leftOut.test(one));
  const told = report.problems.length > 0 && at.pending.size > 0;
  if (!(at.full && told)) expectNone(unsnapped, `in no snapshot after a logout on ${at.name}`);
  const unsent = inside.filter((one) => !there.has(one) && !staysHere.test(one));
  if (at.pending.size === 0) expectNone(unsent, `neither sent nor pending after a logout on ${at.name}`);
}

/** A checkpoint of what is being worked at: what it calls sent is on the server, and everything is as it was here. */
async function workOn(world: World, at: Mac, fault: Fault): Promise<void> {
  if (!at.machine.datasets.has(home)) return;
  const [before, record] = [isMounted(at), recordOf(world)];
  const done = await checkpointOn(world, at, fault);
  if (isMounted(at) !== before) expect.fail(`a checkpoint on ${at.name} has mounted or unmounted the home`);
  const isOurs = fault === null || !('what' in fault) || fault.what !== 'login-elsewhere';
  if (isOurs && recordOf(world) !== record)
    expect.fail(`a checkpoint on ${at.name} has touched the session record`);
  if (done?.outcome !== 'sent') return;
  const there = onServer(world);
  const unsent = inHome(at.machine).filter((one) => !there.has(one) && !staysHere.test(one));
  expectNone(unsent, `not on the server after a checkpoint on ${at.name}`);
}

/** Everybody logs out and in again until all have met; then two more runs must change nothing. */
async function settle(world: World, job: TendOptions, check: (what: string) => void): Promise<void> {
  setFull(world, 'server', false);
  for (const at of world.macs) {
    at.online = true;
    setFull(world, at, false);
    at.machine.inUse.clear();
  }
  // What is left of interrupted receives goes.
  await tend(job);
  world.now += job.idleMs;
  expect((await tend(job)).problems).toEqual([]);
  const told = new Map(world.macs.map((at) => [at, [] as string[]]));
  const run = async (at: Mac, what: 'login' | 'logout'): Promise<void> => {
    world.now += 60_000;
    const report = await runAgent(world, at, what, null);
    const said = [...(report?.warnings ?? []), ...(report?.problems ?? []).map(({ message }) => message)];
    told.get(at)?.push(...said);
    const wrong = (report?.problems ?? []).filter((error) => !isExpected(error));
    expectNone(wrong, `${what} on ${at.name} at the end`);
    check(`${what} on ${at.name} at the end`);
    const isIn = what === 'login' && at.loggedIn && world.server.datasets.has(home);
    const record = recordOf(world);
    if ((record?.startsWith(`${at.name},`) ?? false) !== isIn)
      expect.fail(`${what} on ${at.name}: the server's record is ${String(record)}`);
  };
  const third = world.macs[2]!;
  for (const at of world.macs) if (at.loggedIn) await run(at, 'logout');
  await meetAll(world, run);
  const isApart = (): boolean =>
    world.macs.some(({ machine }) => String(synced(machine)) !== String(synced(world.server)));
  // Onto a snapshot without changes no raw stream goes, whoever made it: each run says what removes it, and that is done.
  if (world.raw && isApart()) {
    await obey(world, told);
    await meetAll(world, run);
  }
  const before = stateOf(world);
  await run(third, 'login');
  await run(third, 'logout');
  expect(stateOf(world)).toEqual(before);
  expectNone(misnamedConflicts(world), 'conflicts and their names');
  expectNone(unfinishedSetAsides(world), 'what setting aside has left undone');
  expect(recordOf(world)).toBeNull();
  expectNone(
    world.macs.flatMap(({ machine }) => unsentOn(machine)),
    'what is set aside on a Mac alone at the end',
  );
  for (const { machine, name } of world.macs)
    expect(synced(machine), `the home on ${name} at the end`).toEqual(synced(world.server));
}

/** The third sees what the others brought, the others then what it brought itself. */
async function meetAll(
  { macs }: World,
  run: (at: Mac, what: 'login' | 'logout') => Promise<void>,
): Promise<void> {
  const [first, second, third] = macs as readonly [Mac, Mac, Mac];
  for (const at of [first, second, third, first, second]) {
    await run(at, 'login');
    await run(at, 'logout');
  }
}

/** What of a home takes part in sync. */
function synced(machine: Machine): readonly string[] {
  return inHome(machine)
    .filter((content) => !staysHere.test(content))
    .sort();
}

/** An admin does what the runs say is to be done: on the server, and right after that on the Mac that said it. */
async function obey(world: World, said: ReadonlyMap<Mac, readonly string[]>): Promise<void> {
  for (const [at, lines] of said) {
    // By the newest word: what an earlier run named may be in use since.
    const told = lines.flatMap((line) => {
      const [, destroy] =
        /stands in the way.*?`(zfs destroy [^`]+)`.*`roamhome push --pending`/.exec(line) ?? [];
      return destroy === undefined ? [] : [destroy.split('; ')];
    });
    const commands = told.at(-1) ?? [];
    for (const command of commands) {
      const snapshot = command.slice('zfs destroy '.length).replaceAll("'", '');
      const { exitCode, stderr } = await world.admin.run(['zfs', 'destroy', snapshot]);
      if (exitCode !== 0 && !stderr.includes('could not find')) throw new Error(`${command}: ${stderr}`);
    }
    if (commands.length > 0) await pushFrom(world, at, null);
  }
}

/** There may be no home anywhere: an admin renamed it before any Mac had it. And what stands for good is named each time. */
function isExpected(error: Error): boolean {
  const { code } = error as { code?: string };
  return code === 'home-missing' || (code === 'name-invalid' && error.message.includes('/Calibre Library"'));
}
