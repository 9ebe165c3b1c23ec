import { parseConflictName } from '../../../src/homes/diverged/conflict-names.ts';
import { datasetsAtOrBelow, type Machine } from '../../../src/simulator/machine.ts';
import { isAtOrBelow } from '../../../src/simulator/model.ts';
import { treeOf } from '../../../src/simulator/files/files.ts';
import type { SimulatedHost } from '../../../src/simulator/host.ts';
import { sameEntry, type Tree } from '../../../src/simulator/tree.ts';
import type { World } from './world.ts';

const home = 'data/profiles/alice';

/** The contents of files that are written once and never removed, by how their paths begin. */
function contentsBelow(start: string): (tree: Tree) => ReadonlySet<string> {
  const contentsOf = new WeakMap<Tree, ReadonlySet<string>>();
  return (tree) => {
    const known = contentsOf.get(tree);
    if (known !== undefined) return known;
    const found = new Set<string>();
    for (const [path, entry] of tree)
      if (path.startsWith(start) && entry.kind === 'file') found.add(entry.content);
    contentsOf.set(tree, found);
    return found;
  };
}

const keptIn = contentsBelow('kept-');
const loggedIn = contentsBelow('.fseventsd/');

function machinesOf(world: World): readonly Machine[] {
  return [world.server, ...world.macs.map(({ machine }) => machine)];
}

/** Every file's content that is in a snapshot or a dataset somewhere. */
export function reachable(world: World): ReadonlySet<string> {
  return contentsIn(machinesOf(world), keptIn);
}

/** The same on the server alone: what would survive the loss of all Macs. */
export function onServer(world: World): ReadonlySet<string> {
  return contentsIn([world.server], keptIn);
}

/** The same of what macOS has written by itself. */
export function reachableLogs(world: World): ReadonlySet<string> {
  return contentsIn(machinesOf(world), loggedIn);
}

function contentsIn(
  machines: readonly Machine[],
  contents: (tree: Tree) => ReadonlySet<string>,
): ReadonlySet<string> {
  const trees = new Set<Tree>();
  for (const machine of machines) {
    for (const { live, snapshots } of machine.datasets.values()) {
      trees.add(live);
      for (const { tree } of snapshots) trees.add(tree);
    }
  }
  const all = new Set<string>();
  for (const tree of trees) for (const content of contents(tree)) all.add(content);
  return all;
}

/** What is in snapshots on a machine. */
export function inSnapshots(machine: Machine): ReadonlySet<string> {
  const all = new Set<string>();
  for (const { snapshots } of machine.datasets.values())
    for (const { tree } of snapshots) for (const content of keptIn(tree)) all.add(content);
  return all;
}

/** The lines that are set aside on a Mac and not on the server, as its home names them. */
export function unsentOn(machine: Machine): readonly string[] {
  const value = machine.datasets.get(home)?.properties.get('roamhome:unsent')?.value ?? 'none';
  return value === 'none' ? [] : value.split(',');
}

/** What is in the home on a machine now, whatever its datasets are called at the moment. */
export function inHome(machine: Machine): readonly string[] {
  return datasetsAtOrBelow(machine, home).flatMap(({ live }) => [...keptIn(live)]);
}

/** Each version on a machine, by guid: what may not go. */
export function versionsOf(machine: Machine): ReadonlySet<string> {
  const all = new Set<string>();
  for (const { snapshots, bookmarks } of machine.datasets.values()) {
    for (const { guid } of snapshots) all.add(`@${guid}`);
    for (const { guid } of bookmarks) all.add(`#${guid}`);
  }
  return all;
}

/** The server's record of where the user is logged in; null: nowhere, or there is no home. */
export function recordOf(world: World): string | null {
  return world.server.datasets.get(home)?.properties.get('roamhome:session')?.value ?? null;
}

/**
 * Conflicts whose names do not tell when their lines began, on the Macs and on the server: a person goes by them, and
 * a run knows by them what an earlier one has done. One that was cut off before its own line began has nothing but what the home has:
 * that is merged, and tending removes it.
 */
export function misnamedConflicts(world: World): readonly string[] {
  return machinesOf(world).flatMap((machine) =>
    [...machine.datasets.values()].flatMap(({ name, partial }) => {
      const [, short] = /^data\/[a-z-]*conflicts\/([^/]+)$/.exec(name) ?? [];
      if (short === undefined || short === 'next' || short.endsWith('-unused') || partial !== null) return [];
      const since = parseConflictName(short, 'alice')?.since;
      const all = datasetsAtOrBelow(machine, name).flatMap(({ snapshots }) => snapshots);
      const merged = new Set(
        datasetsAtOrBelow(machine, home).flatMap(({ snapshots }) => snapshots.map(({ guid }) => guid)),
      );
      const isTold = all.some(({ creation }) => creation === since);
      const isMerged = all.length > 0 && all.every(({ guid }) => merged.has(guid));
      return isTold || isMerged ? [] : [name];
    }),
  );
}

/** What a set-aside has left undone on the Macs: a home that is still a clone of a conflict, or lacks what is not synced. */
export function unfinishedSetAsides(world: World): readonly string[] {
  return world.macs.flatMap(({ name: mac, machine }) =>
    [...machine.datasets.values()].flatMap(({ name, origin }) => {
      const isClone = isAtOrBelow(name, home) && origin?.dataset.name.includes('conflicts/') === true;
      const isLeftBehind =
        /conflicts\/.*\/(caches$|roamhome-excluded-)/.test(name) && machine.datasets.has(home);
      return isClone || isLeftBehind ? [`${name} on ${mac}`] : [];
    }),
  );
}

/** All that a run could have changed, to tell whether it did. */
export function stateOf(world: World): string {
  return machinesOf(world)
    .map((machine) =>
      [...machine.datasets.values()]
        .map(
          ({ name, snapshots, bookmarks, origin, partial }) =>
            `${name} ${snapshots.map(({ guid }) => guid).join(' ')} # ${bookmarks.map(({ guid }) => guid).join(' ')} ${origin?.guid ?? '-'} ${partial?.bytes ?? '-'}`,
        )
        .sort()
        .join('\n'),
    )
    .join('\n--\n');
}

const trivial = /(^|\/)\.DS_Store$|^\.(fseventsd|Spotlight-V100)(\/|$)/;

/** The host, writing down each path of the user's that a rollback is about to give up. */
export function watchRollbacks(host: SimulatedHost, machine: Machine, givenUp: string[]): SimulatedHost {
  return {
    ...host,
    run: (argv, options) => {
      const [, verb, name = ''] = argv;
      if (verb === 'rollback') {
        const [was, is] = [treeOf(machine, name), treeOf(machine, name.slice(0, name.indexOf('@')))];
        for (const path of new Set([...was.keys(), ...is.keys()])) {
          const [old, now] = [was.get(path), is.get(path)];
          const same = old !== undefined && now !== undefined && sameEntry(old, now);
          if (!same && !trivial.test(path)) givenUp.push(`${name} gave up ${path}`);
        }
      }
      return host.run(argv, options);
    },
  };
}

/** How many rollbacks the agents have run. */
export function rollbacksOf(world: World): number {
  let rollbacks = 0;
  for (const { host } of world.macs)
    for (const { argv } of host.commandLog) if (argv[1] === 'rollback') rollbacks += 1;
  return rollbacks;
}

const suspects: ReadonlySet<string> = new Set(['destroy', 'rollback', 'receive', 'recv']);

/** Tells the commands of the agents, since it was last asked, that must never be: their zfs's type cannot say them. */
export function watchCommands(world: World): () => readonly string[] {
  const logs = world.macs.flatMap(({ host, toServer }) => [host.commandLog, toServer.commandLog]);
  const seen = logs.map(() => 0);
  return () => [
    ...world.macs.flatMap(({ givenUp }) => givenUp),
    ...logs.flatMap((log, index) => {
      const fresh = log.slice(seen[index]);
      seen[index] = log.length;
      return fresh
        .filter(({ argv }) => suspects.has(argv[1] ?? ''))
        .map(({ argv }) => argv.join(' '))
        .filter((line) => /^zfs (destroy|rollback .*-[rRf]|(receive|recv) .*-F)/.test(line));
    }),
  ];
}
