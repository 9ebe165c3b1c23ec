import { isRoamhomeError } from '../../errors/errors.ts';
import { encodePath } from './excluded-folders.ts';
import { folderProperty, syncProperty } from '../../sync/properties.ts';
import { mountWithKey } from '../../sync/with-key.ts';
import { mount, setProperties, unmount } from '../../zfs/commands/change.ts';
import { listProperty } from '../../zfs/commands/list.ts';
import { createDataset } from '../../zfs/commands/set-up.ts';
import type { DatasetName } from '../../zfs/names.ts';
import type { Dataset } from '../../zfs/version.ts';
import type { Session } from '../session.ts';

/** In the place of the folder's name, which is never absolute: what is in the dataset is a copy that is not whole yet. */
const filling = '/filling';

/** True when a run that was killed has left a part of a copy in it, or nothing; what was copied stayed in the home. */
export function isHalfFilled({ properties }: Dataset): boolean {
  return properties[folderProperty] === filling;
}

/** A new dataset for a folder: not in the home yet, and never snapshotted or sent. */
export async function createFolderDataset(session: Session, name: DatasetName): Promise<void> {
  const properties = {
    ...{ canmount: 'noauto', mountpoint: 'none', [syncProperty]: 'off', [folderProperty]: filling },
    ...session.platform.homeProperties,
  };
  await session.local.run(createDataset(name, properties), { signal: session.signal });
}

/** Says that the dataset holds the folder: from now on logins mount it there. All at once. */
export async function completeFolder(session: Session, name: DatasetName, path: string): Promise<void> {
  const properties = { [folderProperty]: encodePath(path), mountpoint: await mountpointOf(session, path) };
  await session.local.run(setProperties(name, properties), { signal: session.signal });
}

/** What its dataset's mountpoint has to be. */
export function mountpointOf({ mountpoint, folders }: Session, path: string): Promise<string> {
  return folders.plainPathTo(`${mountpoint}/${path}`);
}

/** Runs a task on a dataset that is mounted where nobody but root gets to, and unmounts it again. */
export async function mountedPrivately<T>(
  session: Session,
  name: DatasetName,
  task: (place: string) => Promise<T>,
): Promise<T> {
  const { local, folders, signal } = session;
  const place = `${await folders.makePrivatePlace()}/0`;
  try {
    await local.run(setProperties(name, { mountpoint: place }), { signal });
    await mountWithKey(local, name, mount(name), { signal });
    return await task(place);
  } finally {
    await leavePlace(session, name, place);
    await folders.removePrivatePlaces();
  }
}

/**
 * Unmounts a dataset from the place where a run has put it; a login that did not wait for that run may have it by now, and keeps
 * it. Without a signal: an abort ends the work, not this. False: it is mounted still, or is no longer that run's.
 */
export async function leavePlace({ local }: Session, name: DatasetName, place: string): Promise<boolean> {
  const command = unmount(name, { force: false });
  try {
    if ((await local.run(listProperty(name, 'mountpoint'))) !== place) return false;
    await local.run(command);
  } catch (error) {
    if (isRoamhomeError(error, 'not-mounted')) return true;
    if (!isRoamhomeError(error)) throw error;
    local.observer.warning(local.host.name, command.argv, error.message);
    return false;
  }
  return true;
}
