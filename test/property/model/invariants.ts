import { datasetsAtOrBelow, type Machine } from '../../../src/simulator/machine.ts';
import type { Tree } from '../../../src/simulator/tree.ts';
import type { World } from './world.ts';

const home = 'data/profiles/alice';
const contentsOf = new WeakMap<Tree, ReadonlySet<string>>();

/** The files that are written once and never removed. */
function keptIn(tree: Tree): ReadonlySet<string> {
  const known = contentsOf.get(tree);
  if (known !== undefined) return known;
  const found = new Set<string>();
  for (const [path, entry] of tree)
    if (path.startsWith('kept-') && entry.kind === 'file') found.add(entry.content);
  contentsOf.set(tree, found);
  return found;
}

function machinesOf(world: World): readonly Machine[] {
  return [world.server, ...world.macs.map(({ machine }) => machine)];
}

/** Every file's content that is in a snapshot or a dataset somewhere. */
export function reachable(world: World): ReadonlySet<string> {
  const trees = new Set<Tree>();
  for (const machine of machinesOf(world)) {
    for (const { live, snapshots } of machine.datasets.values()) {
      trees.add(live);
      for (const { tree } of snapshots) trees.add(tree);
    }
  }
  const all = new Set<string>();
  for (const tree of trees) for (const content of keptIn(tree)) all.add(content);
  return all;
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

/** Tells the commands of the agents, since it was last asked, that must never be: their zfs's type cannot say them. */
export function watchCommands(world: World): () => readonly string[] {
  const logs = world.macs.flatMap(({ host, toServer }) => [host.commandLog, toServer.commandLog]);
  const seen = logs.map(() => 0);
  return () =>
    logs.flatMap((log, index) => {
      const fresh = log.slice(seen[index]);
      seen[index] = log.length;
      return fresh
        .map(({ argv }) => argv.join(' '))
        .filter((line) => /^zfs (destroy|rollback -r|receive .*-F)/.test(line));
    });
}
