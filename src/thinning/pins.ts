import type { ThinnableSnapshot } from '../zfs/commands/list-thinnable.ts';
import type { Guid } from '../zfs/names.ts';
import type { Pin } from './thin.ts';

/**
 * What is known of where a dataset's snapshots are besides here. On a Mac the guids of the versions, bookmarks too, that the
 * server showed of its dataset; `none`: it showed none, or was not asked. `server`: this is the server.
 */
export type Elsewhere = ReadonlySet<Guid> | 'none' | 'server';

/**
 * The pins of a dataset's snapshots (oldest first, by createtxg), by guid. What the server is not seen to have is
 * unsynced: nothing that this Mac remembers counts. Pure.
 */
export function findPins(
  snapshots: readonly ThinnableSnapshot[],
  elsewhere: Elsewhere,
): ReadonlyMap<Guid, readonly Pin[]> {
  const isSynced = ({ guid }: ThinnableSnapshot): boolean =>
    elsewhere === 'server' || (elsewhere !== 'none' && elsewhere.has(guid));
  const common = elsewhere === 'server' ? undefined : snapshots.findLast(isSynced);
  return new Map(
    snapshots.flatMap((snapshot) => {
      const pins: Pin[] = [];
      if (!isSynced(snapshot)) pins.push('unsynced');
      if (snapshot === common) pins.push('common');
      if (snapshot.isHeld) pins.push('held');
      if (snapshot.hasClones) pins.push('origin');
      return pins.length === 0 ? [] : [[snapshot.guid, pins] as const];
    }),
  );
}
