import { snapshotNameAt } from '../../sync/snapshot-name.ts';
import { poolAltroot } from '../../zfs/commands/pool.ts';
import { childOf, type DatasetName } from '../../zfs/names.ts';
import type { Dataset } from '../../zfs/version.ts';
import type { Task } from '../task.ts';
import { homeOf, requireRoots, type HomesPlace } from './place.ts';
import { homeProperties, planHome, type WantedHome } from './plan-home.ts';

export interface HomeRequest {
  readonly user: string;
  readonly quota: bigint | null;
  readonly excluded: readonly string[] | null;
  /** Whose the home is to be; asked when its turn comes. */
  readonly owner: (signal: AbortSignal) => Promise<WantedHome['owner']>;
}

/**
 * The home on the server, empty, its user's, with a first snapshot: a Mac's first login fetches it. Were it made on a Mac
 * too, the two would have no snapshot in common, which is a conflict.
 */
export function homeTask(place: HomesPlace, { user, quota, excluded, owner }: HomeRequest): Task {
  const { machine, root } = place;
  const home = homeOf(place, user);
  // No user is called so: names do not begin with a dot.
  const staging = childOf(root, `.new-${user}`);
  return {
    title: `the home of ${user}: ${home}`,
    machine,
    look: async (signal) => {
      await requireRoots(place, signal);
      const view = { home: await find(place, home, signal), staging: await find(place, staging, signal) };
      const pool = root.split('/', 1)[0] ?? '';
      const altroot = view.home === null ? await machine.zfs.run(poolAltroot(pool), { signal }) : null;
      return planHome(view, {
        altroot: altroot ?? '',
        ...{ home, staging, quota, excluded, owner: await owner(signal) },
        mountpoint: `/var/run/roamhome-new-${user}`,
        snapshotName: snapshotNameAt(place.now(), 'server'),
      });
    },
  };
}

async function find(
  { machine }: HomesPlace,
  dataset: DatasetName,
  signal: AbortSignal,
): Promise<Dataset | null> {
  const found = await machine.zfs.listTree(dataset, homeProperties, { signal });
  return found?.find(({ name }) => name === dataset) ?? null;
}
