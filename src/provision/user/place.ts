import { RoamhomeError } from '../../errors/errors.ts';
import { childOf, parseUserName, type DatasetName } from '../../zfs/names.ts';
import type { Machine } from '../machine.ts';

/** The server on which homes are, as its admin: not as a Mac, which may only add. */
export interface HomesPlace {
  readonly machine: Machine;
  readonly root: DatasetName;
  readonly conflictsRoot: DatasetName;
  readonly now: () => Date;
}

/** A user's home there. Throws `user-name-invalid`. Pure. */
export function homeOf({ root }: HomesPlace, user: string): DatasetName {
  return childOf(root, parseUserName(user));
}

/** Throws `dataset-missing` where no server has been set up yet. */
export async function requireRoots(
  { machine, root, conflictsRoot }: HomesPlace,
  signal: AbortSignal,
): Promise<void> {
  for (const dataset of [root, conflictsRoot]) {
    if (await machine.zfs.exists(dataset, { signal })) continue;
    throw new RoamhomeError({
      code: 'dataset-missing',
      message: `${machine.name} has no dataset ${dataset}`,
      remedy: 'If it is the server: `roamhome provision server` makes it. Else name the server with --host.',
    });
  }
}
