import { isWhole } from '../../homes/conflicts/conflict-details.ts';
import { fetchConflict } from '../../homes/conflicts/fetch-conflict.ts';
import { conflictDataset } from '../../homes/diverged/conflict-names.ts';
import { binarySize } from '../../format/size.ts';
import type { Session } from '../../homes/session.ts';
import type { DatasetName } from '../../zfs/names.ts';
import type { OpenConflicts } from '../framework/open-conflicts.ts';

/** A conflict as a dataset of this Mac, brought from the server if need be, which is said on standard error. */
export async function conflictHere(
  { find, sessionOf }: OpenConflicts,
  name: string,
): Promise<{ readonly session: Session; readonly dataset: DatasetName }> {
  const { user, onMac } = await find(name, 'here-first');
  const session = sessionOf(user);
  // What was cut on its way here is gone on with.
  if (onMac !== null && isWhole(onMac)) return { session, dataset: onMac.dataset };
  const branch = conflictDataset(session.config.server.conflictsRoot, name);
  const { dataset, bytes } = await fetchConflict(session, { branch, name });
  process.stderr.write(
    `roamhome: ${name} was brought from the server (${binarySize(bytes)}); it stays here until it is discarded\n`,
  );
  return { session, dataset };
}
