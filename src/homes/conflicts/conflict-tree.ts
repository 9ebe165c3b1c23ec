import { isRoamhomeError, RoamhomeError } from '../../errors/errors.ts';
import { fetchingProperty } from '../../sync/properties.ts';
import { mountWithKey } from '../../sync/with-key.ts';
import { mountReadOnly, setProperties, unmount } from '../../zfs/commands/change.ts';
import type { DatasetName } from '../../zfs/names.ts';
import type { SyncZfs } from '../../zfs/sync-zfs.ts';
import type { Dataset } from '../../zfs/version.ts';
import type { FileTree } from '../files/file-tree.ts';
import { makePrivatePlace, removePrivatePlaces, viewsDirectory } from '../mount/private-place.ts';

export interface ViewOptions {
  readonly zfs: SyncZfs;
  /** Where mountpoints that nobody but root gets to are made. */
  readonly stateDir: string;
  readonly signal: AbortSignal;
}

/**
 * Runs a task on the files of a conflict on this Mac, mounted read-only at a private place, and unmounts them again.
 *
 * A conflict has kept the mountpoint of the home that it was: it must never be mounted there. So each of its datasets
 * is given a place of its own, side by side: none is mounted on a directory in another, which its user could have made
 * a symlink. Afterwards they have no mountpoint at all. What a killed run has left mounted is found by its mountpoint.
 */
export async function withConflictTree<T>(
  conflict: DatasetName,
  { zfs, stateDir, signal }: ViewOptions,
  task: (tree: FileTree) => Promise<T>,
): Promise<T> {
  const datasets = await zfs.listTree(conflict, ['mountpoint', 'canmount', fetchingProperty], { signal });
  if (datasets === null) throw conflictMissing(conflict);
  // Those below have it from the root.
  if (datasets[0]?.properties[fetchingProperty] === 'on') throw incomplete(conflict);
  for (const dataset of [...datasets].reverse())
    await release(zfs, dataset, viewsDirectory(stateDir), signal);
  const place = await makePrivatePlace(stateDir);
  const mounted: DatasetName[] = [];
  try {
    const mounts = new Map<string, string>();
    for (const [index, { name, properties, resumeToken, snapshots }] of datasets.entries()) {
      if (resumeToken !== null && snapshots.length === 0) throw incomplete(name);
      if (properties['canmount'] === 'off') continue;
      // By itself and first: with canmount=on zfs would mount it, writable, as soon as it has a mountpoint.
      if (properties['canmount'] !== 'noauto')
        await zfs.run(setProperties(name, { canmount: 'noauto' }), { signal });
      const mountpoint = `${place}/${index}`;
      await zfs.run(setProperties(name, { mountpoint }), { signal });
      await mountWithKey(zfs, name, mountReadOnly(name), { signal });
      mounted.push(name);
      mounts.set(name.slice(conflict.length + 1), mountpoint);
    }
    if (!mounts.has('')) throw conflictMissing(conflict);
    return await task({ mounts, apart: new Map() });
  } finally {
    for (const name of mounted.reverse()) await tidyUp(zfs, name);
    await removePrivatePlaces(stateDir);
  }
}

/** Without a signal: an abort ends the work, not this. One that stays mounted is found by the next run. */
async function tidyUp(zfs: SyncZfs, name: DatasetName): Promise<void> {
  const command = unmount(name, { force: false });
  try {
    await zfs.run(command);
    await zfs.run(setProperties(name, { mountpoint: 'none' }));
  } catch (error) {
    if (!isRoamhomeError(error)) throw error;
    zfs.observer.warning(zfs.host.name, command.argv, error.message);
  }
}

/** Unmounts what an earlier run has left. Throws `dataset-busy` for what somebody else has mounted. */
async function release(zfs: SyncZfs, dataset: Dataset, views: string, signal: AbortSignal): Promise<void> {
  if (!dataset.mounted) return;
  const mountpoint = dataset.properties['mountpoint'] ?? '-';
  if (!mountpoint.startsWith(`${views}/`)) throw mountedElsewhere(dataset.name, mountpoint);
  try {
    await zfs.run(unmount(dataset.name, { force: false }), { signal });
  } catch (error) {
    // Unmounting a dataset unmounts those below it.
    if (!isRoamhomeError(error, 'not-mounted')) throw error;
  }
}

/** There is no such conflict here. */
export function conflictMissing(name: string): RoamhomeError {
  return new RoamhomeError({
    code: 'dataset-missing',
    message: `there is no conflict ${name}`,
    remedy: '`roamhome conflicts list` names those that there are, on this Mac and on the server.',
  });
}

function incomplete(name: string): RoamhomeError {
  return new RoamhomeError({
    code: 'partial-state',
    message: `${name} is not complete: it was cut short on its way here`,
    remedy: 'Run this again when the server can be reached: it goes on where it was cut.',
    retryable: true,
  });
}

function mountedElsewhere(name: string, mountpoint: string): RoamhomeError {
  return new RoamhomeError({
    code: 'dataset-busy',
    message: `${name} is mounted at ${mountpoint}`,
    remedy: `Look at it there, or unmount it (\`zfs unmount ${name}\`) and run this again.`,
  });
}
