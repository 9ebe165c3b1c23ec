import { isRoamhomeError } from '../../errors/errors.ts';
import { tarToCompare } from '../../platform/tar.ts';
import { mountWithKey } from '../../sync/with-key.ts';
import { makePrivatePlace, removePrivatePlaces } from '../mount/private-place.ts';
import { clone, createContainer } from '../../zfs/commands/arrange.ts';
import { mountReadOnly } from '../../zfs/commands/change.ts';
import { childOf, type DatasetName, type SnapshotName } from '../../zfs/names.ts';
import { removeSeen } from '../../zfs/remove-seen.ts';
import type { SyncZfs } from '../../zfs/sync-zfs.ts';
import { digestTree } from './digest-tree.ts';

export interface ReadOptions {
  /** The server's own ZFS, as root. */
  readonly zfs: SyncZfs;
  readonly kind: 'macos' | 'linux';
  /** Where mountpoints that nobody but root gets to are made. */
  readonly stateDir: string;
  /** Where datasets are made that no key may do anything to. */
  readonly root: DatasetName;
  readonly signal: AbortSignal;
}

/**
 * A digest of all that is in a snapshot. It is looked at as a clone that is mounted read-only where only root gets to: neither the home nor the branch is
 * touched, and no path that a user chose is followed. What a killed run has left of that is removed first.
 */
export async function digestSnapshot(snapshot: SnapshotName, options: ReadOptions): Promise<string> {
  const { zfs, kind, stateDir, root, signal } = options;
  const view = childOf(root, 'compared');
  await zfs.run(createContainer(root, { readonly: 'on' }), { signal });
  if (await zfs.exists(view, { signal })) await removeSeen(zfs, [{ name: view, snapshots: [] }], signal);
  const place = await makePrivatePlace(stateDir);
  // With canmount=noauto it is not mounted before it is told to be, read-only.
  const properties = { canmount: 'noauto', mountpoint: place, readonly: 'on', snapdir: 'hidden' };
  try {
    await zfs.run(clone(snapshot, view, { ...properties, setuid: 'off', devices: 'off' }), { signal });
    await mountWithKey(zfs, view, mountReadOnly(view), { signal });
    return await digestTree(zfs.host, tarToCompare(kind, place), place, signal);
  } finally {
    await tidyUp(zfs, view);
    await removePrivatePlaces(stateDir);
  }
}

/** Without a signal: an abort ends the work, not this. What stays is removed by the next run. */
async function tidyUp(zfs: SyncZfs, view: DatasetName): Promise<void> {
  try {
    if (await zfs.exists(view))
      await removeSeen(zfs, [{ name: view, snapshots: [] }], new AbortController().signal);
  } catch (error) {
    if (!isRoamhomeError(error)) throw error;
    zfs.observer.warning(zfs.host.name, ['zfs', 'destroy', view], error.message);
  }
}
