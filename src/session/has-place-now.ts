import { listProperty } from '../zfs/commands/list.ts';
import { hasPlace, isPlace } from '../zfs/has-place.ts';
import type { Dataset } from '../zfs/version.ts';
import type { Session } from './session.ts';

/** `hasPlace` of a dataset whose list may be older than the mountpoint of the home above it, which it inherits. */
export async function hasPlaceNow(
  { local, signal }: Pick<Session, 'local' | 'signal'>,
  dataset: Dataset,
): Promise<boolean> {
  if (hasPlace(dataset) || dataset.properties['canmount'] === 'off') return hasPlace(dataset);
  return isPlace(await local.run(listProperty(dataset.name, 'mountpoint'), { signal }));
}
