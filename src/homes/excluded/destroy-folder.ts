import { isRoamhomeError, RoamhomeError } from '../../errors/errors.ts';
import type { Session } from '../session.ts';
import { destroyDataset } from '../../zfs/commands/remove.ts';
import type { DatasetName } from '../../zfs/names.ts';

/**
 * Destroys the dataset of a folder whose content is in the home again: it alone, for zfs refuses where somebody has made
 * snapshots of it or datasets below it. One of the places that destroy a dataset: see only-tending-removes in .dependency-cruiser.cjs.
 */
export async function destroyFolder({ local, signal }: Session, name: DatasetName): Promise<void> {
  try {
    await local.run(destroyDataset(name), { signal });
  } catch (error) {
    if (!isRoamhomeError(error, 'zfs-failed', 'dataset-busy')) throw error;
    throw new RoamhomeError({
      code: 'dataset-busy',
      message: `${name} cannot be destroyed: ${error.message}`,
      remedy: `What was in it is in the home again. See what others made of it (zfs list -r -t all ${name}), and run this again.`,
      cause: error,
    });
  }
}
