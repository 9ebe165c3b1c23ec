import { expect, test } from 'vitest';
import { collectNoStacks } from '../support/model/collect-no-stacks.ts';
import { setBusy } from '../support/model/disturb.ts';
import { inHome, reachable, stateOf, versionsOf } from '../support/model/invariants.ts';
import {
  copyWorld,
  createWorld,
  edit,
  foreignSnapshot,
  isMounted,
  losePower,
  runAgent,
  type HomeOptions,
  type Mac,
  type World,
} from '../support/model/world.ts';
import type { Fault } from '../support/model/faults.ts';

const home = 'data/profiles/alice';

collectNoStacks();

interface Situation {
  readonly home?: Partial<HomeOptions>;
  readonly what: 'login' | 'logout';
  /** Everything up to the run on the second Mac that is killed. */
  readonly prepare: (world: World, first: Mac, second: Mac) => Promise<void>;
}

async function visit(world: World, mac: Mac): Promise<void> {
  await runAgent(world, mac, 'login', null);
  edit(world, mac);
  world.now += 60_000;
  await runAgent(world, mac, 'logout', null);
  world.now += 60_000;
}

/** Both Macs have the home; the second has made something of its own, offline, while the first has gone on. */
async function goTwoWays(world: World, first: Mac, second: Mac): Promise<void> {
  await runAgent(world, first, 'logout', null);
  await visit(world, second);
  second.online = false;
  await visit(world, second);
  await visit(world, second);
  second.online = true;
  await visit(world, first);
  await visit(world, first);
}

/** The server keeps no snapshot but its newest, and bookmarks of the others if asked to. */
async function thinServer(world: World, { bookmarks }: { readonly bookmarks: boolean }): Promise<void> {
  for (const { short } of [...(world.server.datasets.get(home)?.snapshots ?? [])].slice(0, -1)) {
    if (bookmarks) await world.admin.run(['zfs', 'bookmark', `${home}@${short}`, `${home}#${short}`]);
    await world.admin.run(['zfs', 'destroy', `${home}@${short}`]);
  }
}

const situations: Readonly<Record<string, Situation>> = {
  'a first pull': {
    what: 'login',
    home: { children: true },
    prepare: async (world, first) => {
      await runAgent(world, first, 'logout', null);
    },
  },
  'a pull of several': {
    what: 'login',
    prepare: async (world, first, second) => {
      await runAgent(world, first, 'logout', null);
      await visit(world, second);
      await visit(world, first);
      await visit(world, first);
    },
  },
  'a push': {
    what: 'logout',
    home: { children: true },
    prepare: async (world, first, second) => {
      await runAgent(world, first, 'logout', null);
      await runAgent(world, second, 'login', null);
      edit(world, second);
    },
  },
  'a push at the login after a crash': {
    what: 'login',
    prepare: async (world, first, second) => {
      await runAgent(world, first, 'logout', null);
      await runAgent(world, second, 'login', null);
      edit(world, second);
      losePower(second);
    },
  },
  'a conflict at the logout': { what: 'logout', prepare: goTwoWays },
  'a conflict at the login': { what: 'login', prepare: goTwoWays },
  'a conflict with datasets below the home': { what: 'login', home: { children: true }, prepare: goTwoWays },
  'a conflict with an excluded folder': {
    what: 'login',
    prepare: async (world, first, second) => {
      await runAgent(world, first, 'logout', null);
      await world.admin.run(['zfs', 'set', 'roamhome:excluded=Music/own', home]);
      await visit(world, first);
      await goTwoWays(world, first, second);
    },
  },
  'a conflict whose common snapshot is a bookmark on the server': {
    what: 'login',
    prepare: async (world, first, second) => {
      await goTwoWays(world, first, second);
      await thinServer(world, { bookmarks: true });
    },
  },
  'nothing in common': {
    what: 'login',
    prepare: async (world, first, second) => {
      await goTwoWays(world, first, second);
      await thinServer(world, { bookmarks: false });
    },
  },
  'a push from a home that a program lets go of late': {
    what: 'logout',
    prepare: async (world, first, second) => {
      await runAgent(world, first, 'logout', null);
      await runAgent(world, second, 'login', null);
      edit(world, second);
      setBusy(second, 2, true);
    },
  },
  'a push over snapshots of other tools on both sides': {
    what: 'logout',
    home: { children: true },
    prepare: async (world, first, second) => {
      await runAgent(world, first, 'logout', null);
      await runAgent(world, second, 'login', null);
      edit(world, second);
      for (const where of ['server', second] as const) await foreignSnapshot(world, where);
    },
  },
  'a first pull of a home that is encrypted and sent so': {
    what: 'login',
    home: { raw: true },
    prepare: async (world, first) => {
      await runAgent(world, first, 'logout', null);
    },
  },
  'a push of a home that is encrypted and sent so': {
    what: 'logout',
    home: { raw: true },
    prepare: async (world, first, second) => {
      await runAgent(world, first, 'logout', null);
      await runAgent(world, second, 'login', null);
      edit(world, second);
    },
  },
  'a push beside a volume, over a snapshot with a blank in its name': {
    what: 'logout',
    prepare: async (world, first, second) => {
      await runAgent(world, first, 'logout', null);
      await runAgent(world, second, 'login', null);
      await second.root.run(['zfs', 'create', '-s', '-V', '16M', `${home}/disk`]);
      edit(world, second);
      await foreignSnapshot(world, second, true);
      world.now += 60_000;
      edit(world, second);
    },
  },
  'nothing in common, with datasets below the home': {
    what: 'login',
    home: { children: true },
    prepare: async (world, first, second) => {
      await goTwoWays(world, first, second);
      await thinServer(world, { bookmarks: false });
    },
  },
};

const faults = (command: number): readonly Fault[] => [
  { kind: 'killed', when: 'before', command },
  { kind: 'killed', when: 'after', command },
  { kind: 'cut', command },
];

test.each(Object.entries(situations))(
  '%s, killed or cut off at every command: a login without the server finds a home, one with it all',
  { timeout: 120_000 },
  async (_what, situation) => {
    const prepared = await createWorld({ children: false, ...situation.home });
    const [first, second] = prepared.macs as readonly [Mac, Mac];
    edit(prepared, first);
    await situation.prepare(prepared, first, second);
    let lived = 0;
    // Until the run has fewer commands than that.
    for (let command = 1; lived < faults(command).length; command++) {
      lived = 0;
      for (const fault of faults(command)) {
        // Killed after one command is killed before the next, so that comes with the loss of power instead.
        const power = fault?.kind === 'killed' && fault.when === 'after';
        if (await crashAndRecover(copyWorld(prepared), situation.what, fault, power)) lived += 1;
      }
      expect(command).toBeLessThan(80);
    }
  },
);

/** True when the fault came too late to be one. */
async function crashAndRecover(
  world: World,
  killed: 'login' | 'logout',
  fault: Fault,
  power: boolean,
): Promise<boolean> {
  const [, second] = world.macs as readonly [Mac, Mac];
  const about = JSON.stringify({ fault, power });
  const kept = [...reachable(world)];
  const versions = versionsOf(world.server);
  const before = inHome(second.machine);
  const onServer = inHome(world.server);
  const report = await runAgent(world, second, killed, fault);
  if (power) losePower(second);
  const commands = second.host.commandLog.length;

  second.online = false;
  world.now += 60_000;
  await runAgent(world, second, 'login', null);
  if (before.length > 0) {
    expect(isMounted(second), `${about}: a home without the server`).toBe(true);
    const now = inHome(second.machine);
    // What was there, or all that the server has: nothing in between.
    const whole = [before, onServer].some((all) => all.every((content) => now.includes(content)));
    expect(whole, `${about}: a whole home without the server`).toBe(true);
  }
  second.online = true;
  for (const what of ['logout', 'login'] as const) {
    if (what === 'logout' && before.length === 0) continue;
    world.now += 60_000;
    const end = await runAgent(world, second, what, null);
    expect(end?.problems, `${about}: ${what}`).toEqual([]);
  }
  expect(isMounted(second), about).toBe(true);
  const there = reachable(world);
  expect(
    kept.filter((content) => !there.has(content)),
    about,
  ).toEqual([]);
  const now = versionsOf(world.server);
  expect(
    [...versions].filter((version) => !now.has(version)),
    about,
  ).toEqual([]);
  await runAgent(world, second, 'logout', null);
  const settled = stateOf(world);
  await runAgent(world, second, 'login', null);
  await runAgent(world, second, 'logout', null);
  expect(stateOf(world), about).toBe(settled);
  return report !== null && commands > 0 && (fault?.kind !== 'cut' || report.problems.length === 0);
}
