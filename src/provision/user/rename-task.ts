import { RoamhomeError } from '../../errors/errors.ts';
import { conflictProperty } from '../../sync/properties.ts';
import { rename } from '../../zfs/commands/arrange.ts';
import type { Found, Task } from '../task.ts';
import { homeOf, requireRoots, type HomesPlace } from './place.ts';

/** The home on the server under the user's new name, with all its snapshots: every Mac still knows them. */
export function renameHomeTask(
  place: HomesPlace,
  { from, to }: { readonly from: string; readonly to: string },
): Task {
  const { machine, conflictsRoot } = place;
  const [home, target] = [homeOf(place, from), homeOf(place, to)];
  return {
    title: `the home of ${from} as ${target}`,
    machine,
    look: async (signal): Promise<Found> => {
      await requireRoots(place, signal);
      const { zfs } = machine;
      const [isThere, isRenamed] = [await zfs.exists(home, { signal }), await zfs.exists(target, { signal })];
      if (isThere && isRenamed) {
        throw new RoamhomeError({
          code: 'dataset-exists',
          message: `${machine.name} has both ${home} and ${target}`,
          remedy: `Choose another name, or see to whom ${target} belongs. Nothing was changed.`,
        });
      }
      if (!isThere && !isRenamed) {
        throw new RoamhomeError({
          code: 'home-missing',
          message: `${machine.name} has no ${home}`,
          remedy: 'Check the name with `roamhome provision user list`.',
        });
      }
      if (isRenamed) return { changes: [], left: [] };
      const all = (await zfs.listTree(conflictsRoot, [conflictProperty], { signal })) ?? [];
      const conflict = all.find(({ properties }) => properties[conflictProperty] === from);
      // Its name and its note say whose it is: renaming those too could not be done at once.
      if (conflict !== undefined) {
        throw new RoamhomeError({
          code: 'dataset-busy',
          message: `something of ${from} is set aside: ${conflict.name}`,
          remedy:
            'Let them restore what they need of it and discard it (roamhome conflicts), then run this again. Nothing was changed.',
        });
      }
      return {
        changes: [{ kind: 'run', does: `call it ${target}`, argv: rename(home, target).argv }],
        left: [
          `on each Mac with a home of ${from}, before ${to} logs in there: zfs rename the dataset ${from} to ${to}. Else the ` +
            `whole home is fetched anew, and what that Mac has not sent yet stays there under the old name`,
        ],
      };
    },
  };
}
