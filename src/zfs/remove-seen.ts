import { destroyDataset, destroySnapshots } from './commands/remove.ts';
import type { SeenDataset } from './seen-dataset.ts';
import type { SyncZfs } from './sync-zfs.ts';

/** Destroys datasets, but only what was seen of them: for what came meanwhile zfs refuses to destroy the rest. */
export async function removeSeen(
  zfs: SyncZfs,
  datasets: readonly SeenDataset[],
  signal: AbortSignal,
): Promise<void> {
  for (const { name, snapshots } of datasets) {
    if (snapshots.length > 0) await zfs.run(destroySnapshots(name, snapshots), { signal });
    await zfs.run(destroyDataset(name), { signal });
  }
}
