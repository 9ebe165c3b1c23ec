import type { Guid, SnapshotName } from './names.ts';
import type { Snapshot } from './version.ts';

/** Two snapshots of one dataset that have one guid: ZFS draws guids at random, so that somebody's stream has given the later. */
export interface Doubled {
  readonly guid: Guid;
  readonly first: SnapshotName;
  readonly later: SnapshotName;
}

/** The first such pair among the snapshots of one dataset, oldest first; null: each guid is there once. Pure. */
export function findDoubled(snapshots: readonly Pick<Snapshot, 'name' | 'guid'>[]): Doubled | null {
  const seen = new Map<Guid, SnapshotName>();
  for (const { name, guid } of snapshots) {
    const first = seen.get(guid);
    if (first !== undefined) return { guid, first, later: name };
    seen.set(guid, name);
  }
  return null;
}
