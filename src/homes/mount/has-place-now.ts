import { listProperty } from '../../zfs/commands/list.ts';
import { isPlace } from '../../zfs/has-place.ts';
import type { Dataset } from '../../zfs/version.ts';
import type { Session } from '../session.ts';

/**
 * Where the dataset is to be mounted; '' where the list does not say, null: nowhere. The list may be older than the mountpoint of the home
 * above it, which it inherits.
 */
export async function mountpointNow(
  { local, signal }: Pick<Session, 'local' | 'signal'>,
  dataset: Dataset,
): Promise<string | null> {
  const { canmount, mountpoint = '' } = dataset.properties;
  if (canmount === 'off') return null;
  if (isPlace(mountpoint)) return mountpoint === '-' ? '' : mountpoint;
  const now = await local.run(listProperty(dataset.name, 'mountpoint'), { signal });
  return isPlace(now) ? now : null;
}

/** `hasPlace` of such a dataset. */
export async function hasPlaceNow(
  session: Pick<Session, 'local' | 'signal'>,
  dataset: Dataset,
): Promise<boolean> {
  return (await mountpointNow(session, dataset)) !== null;
}
