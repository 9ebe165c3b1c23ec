import { isRoamhomeError } from '../errors/errors.ts';
import { holdTag, listHolds } from './commands/holds.ts';
import { destroyDataset, destroySnapshots, releaseSnapshots } from './commands/remove.ts';
import type { SnapshotName } from './names.ts';
import type { SeenDataset } from './seen-dataset.ts';
import type { SyncZfs } from './sync-zfs.ts';

/**
 * Destroys datasets, but only what was seen of them: for what came meanwhile zfs refuses to destroy the rest. What
 * thinning holds on a server against forced receives is let go; a hold of anybody else's stops it.
 */
export async function removeSeen(
  zfs: SyncZfs,
  datasets: readonly SeenDataset[],
  signal: AbortSignal,
): Promise<void> {
  for (const { name, snapshots } of datasets) {
    if (snapshots.length > 0) {
      const command = destroySnapshots(name, snapshots);
      try {
        await zfs.run(command, { signal });
      } catch (error) {
        if (!isRoamhomeError(error, 'dataset-busy') || !(await letGo(zfs, snapshots, signal))) throw error;
        await zfs.run(command, { signal });
      }
    }
    await zfs.run(destroyDataset(name), { signal });
  }
}

/** True when there were holds, and all of them were thinning's. */
async function letGo(
  zfs: SyncZfs,
  snapshots: readonly SnapshotName[],
  signal: AbortSignal,
): Promise<boolean> {
  const holds = await zfs.run(listHolds(snapshots), { signal });
  if (holds.length === 0 || holds.some(({ tag }) => tag !== holdTag)) return false;
  await zfs.run(
    releaseSnapshots(
      holdTag,
      holds.map(({ snapshot }) => snapshot),
    ),
    { signal },
  );
  return true;
}
