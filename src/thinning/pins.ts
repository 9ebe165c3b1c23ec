import { carrierOf } from '../sync/sayable.ts';
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
  const bases = basesOf(snapshots.filter(isSynced), elsewhere);
  return new Map(
    snapshots.flatMap((snapshot) => {
      const pins: Pin[] = [];
      if (!isSynced(snapshot)) pins.push('unsynced');
      if (bases.has(snapshot)) pins.push('common');
      if (snapshot.isHeld) pins.push('held');
      if (snapshot.hasClones) pins.push('origin');
      return pins.length === 0 ? [] : [[snapshot.guid, pins] as const];
    }),
  );
}

/**
 * What the other side goes on from. The newest snapshot with changes is what both sides have where they are up to date: newer ones hold none,
 * and another tool may take them away again. On the server the one that stands for it where no command can name it; on a Mac the
 * newest of all. A receive needs its base as a real snapshot.
 */
function basesOf(
  synced: readonly ThinnableSnapshot[],
  elsewhere: Elsewhere,
): ReadonlySet<ThinnableSnapshot | null | undefined> {
  return new Set([
    synced.findLast(({ written }) => written > 0n),
    elsewhere === 'server' ? carrierOf({ snapshots: synced }, { raw: false }) : synced.at(-1),
  ]);
}
