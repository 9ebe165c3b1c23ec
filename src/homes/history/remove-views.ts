import { isRoamhomeError } from '../../errors/errors.ts';
import { removeSeen } from '../../zfs/remove-seen.ts';
import { seenDatasets } from '../../zfs/seen-dataset.ts';
import type { SyncZfs } from '../../zfs/sync-zfs.ts';
import type { Dataset } from '../../zfs/version.ts';

/**
 * Destroys views, mounted or not: datasets that were made to look at a snapshot, which is where it was. A person's
 * command made them, or an earlier one that was killed. What cannot go is told to the observer, and left to the next run.
 */
export async function removeViews(zfs: SyncZfs, views: readonly Dataset[]): Promise<void> {
  for (const view of seenDatasets(views)) {
    try {
      // Without a signal: an abort ends the work, not this.
      await removeSeen(zfs, [view], new AbortController().signal);
    } catch (error) {
      if (!isRoamhomeError(error)) throw error;
      zfs.observer.warning(zfs.host.name, ['zfs', 'destroy', view.name], error.message);
    }
  }
}
