import { isUserName } from '../../zfs/names.ts';
import type { Dataset } from '../../zfs/version.ts';
import { conflictProperty } from '../../sync/properties.ts';

/** Whose conflict a dataset is; null: it is none. On a server clients write the property: what is no user's name counts as nothing. Pure. */
export function conflictUser({ properties }: Pick<Dataset, 'properties'>): string | null {
  const user = properties[conflictProperty] ?? '-';
  return isUserName(user) ? user : null;
}
