import { discardConflict } from '../../homes/conflicts/discard.ts';
import { conflictNameFor, parseConflictName } from '../../homes/diverged/conflict-names.ts';
import { conflictProperty } from '../../sync/properties.ts';
import { setProperties } from '../../zfs/commands/change.ts';
import { rename } from '../../zfs/commands/arrange.ts';
import { childOf, shortNameOf, type DatasetName } from '../../zfs/names.ts';
import { seenDatasets } from '../../zfs/seen-dataset.ts';
import type { Dataset } from '../../zfs/version.ts';
import type { Found, Task } from '../task.ts';
import { homeOf, requireRoots, type HomesPlace } from './place.ts';

/** Stands where a conflict has the name of its Mac. */
const removed = 'removed';

/**
 * The home of a user who is removed goes where conflicts are, as one of theirs: so that `roamhome conflicts` shows it, can
 * read it, and can destroy it once that is wanted.
 */
export function setAsideTask(place: HomesPlace, user: string): Task {
  const { machine } = place;
  const home = homeOf(place, user);
  return {
    title: `the home of ${user} set aside`,
    machine,
    look: async (signal): Promise<Found> => {
      await requireRoots(place, signal);
      const found = await machine.zfs.listTree(home, [conflictProperty], { signal });
      const own = found?.find(({ name }) => name === home);
      if (own === undefined) {
        const earlier = await listRemoved(place, user, signal);
        return { changes: [], left: earlier.map(({ name }) => stays(place, name)) };
      }
      const target = await freeName(place, nameFor(place, user, own), signal);
      const mark = setProperties(home, { [conflictProperty]: user });
      return {
        changes: [
          // First: once it has another name, nothing tells whose it is.
          ...(own.properties[conflictProperty] === user
            ? []
            : [{ kind: 'run' as const, does: `note that it is of ${user}`, argv: mark.argv }]),
          { kind: 'run', does: `set ${home} aside as ${target}`, argv: rename(home, target).argv },
        ],
        left: [stays(place, target)],
      };
    },
  };
}

/** What a removed user's homes left is destroyed. Comes after setAsideTask; a dry run sees the home itself. */
export function destroyTask(place: HomesPlace, user: string): Task {
  const { machine, conflictsRoot } = place;
  const home = homeOf(place, user);
  return {
    title: `the data of ${user} destroyed`,
    machine,
    look: async (signal): Promise<Found> => {
      await requireRoots(place, signal);
      const stillThere = await machine.zfs.listTree(home, [], { signal });
      const lost = [...(await listRemoved(place, user, signal)), ...(stillThere ?? []).slice(0, 1)];
      return {
        changes: await Promise.all(
          lost.map(async ({ name }) => ({
            kind: 'call' as const,
            does: `destroy ${name} with all its snapshots`,
            lines: destroyed((await machine.zfs.listTree(name, [], { signal })) ?? []),
            call: async (abort: AbortSignal) => {
              await discardConflict({
                zfs: machine.zfs,
                conflictsRoot,
                conflict: name,
                elsewhere: null,
                // Whoever gave --destroy-data has given the name twice.
                confirm: () => Promise.resolve(true),
                signal: abort,
              });
            },
          })),
        ),
        left: [],
      };
    },
  };
}

function destroyed(datasets: readonly Dataset[]): readonly string[] {
  return seenDatasets(datasets).flatMap(({ name, snapshots }) => [
    ...(snapshots.length === 0 ? [] : [`zfs destroy ${name}@${snapshots.map(shortNameOf).join(',')}`]),
    `zfs destroy ${name}`,
  ]);
}

/** What was set aside of a user when they were removed, here or in an earlier run. */
async function listRemoved(
  { machine, conflictsRoot }: HomesPlace,
  user: string,
  signal: AbortSignal,
): Promise<readonly Dataset[]> {
  const all = (await machine.zfs.listTree(conflictsRoot, [conflictProperty], { signal })) ?? [];
  return all.filter(({ name, properties }) => {
    const short = name.slice(conflictsRoot.length + 1);
    return properties[conflictProperty] === user && parseConflictName(short, user)?.macName === removed;
  });
}

/** By its first snapshot, as that of every conflict. */
function nameFor({ now }: HomesPlace, user: string, { snapshots }: Dataset): string {
  const creation = snapshots[0]?.creation ?? Math.floor(now().getTime() / 1000);
  return conflictNameFor(user, removed, { creation });
}

/** Two homes of one name may be of the same second: by a clock that was set back, if not by a quick admin. */
async function freeName(
  { machine, conflictsRoot }: HomesPlace,
  name: string,
  signal: AbortSignal,
): Promise<DatasetName> {
  for (let count = 1; ; count += 1) {
    const dataset = childOf(conflictsRoot, count === 1 ? name : `${name}-${count}`);
    if (!(await machine.zfs.exists(dataset, { signal }))) return dataset;
  }
}

function stays({ conflictsRoot, machine }: HomesPlace, dataset: DatasetName): string {
  const short = dataset.slice(conflictsRoot.length + 1);
  return `${dataset} stays on ${machine.name} until it is destroyed there: roamhome conflicts discard ${short} --server`;
}
