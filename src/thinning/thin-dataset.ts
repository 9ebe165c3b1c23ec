import { isRoamhomeError, type RoamhomeError } from '../errors/errors.ts';
import type { Slots } from '../host/slots.ts';
import type { ZfsCommand } from '../zfs/command.ts';
import { bookmark } from '../zfs/commands/bookmark.ts';
import { destroyBookmark, destroySnapshots } from '../zfs/commands/remove.ts';
import type { DatasetName, SnapshotName } from '../zfs/names.ts';
import type { SyncZfs } from '../zfs/sync-zfs.ts';
import { inPieces } from './in-pieces.ts';
import type { PlannedDataset } from './plan-homes.ts';

export interface DatasetReport {
  readonly dataset: DatasetName;
  readonly destroyed: readonly SnapshotName[];
  /** How many of the bookmarks that earlier runs left are gone. */
  readonly forgotten: number;
  /** What could not go, and why. */
  readonly problems: readonly RoamhomeError[];
}

/**
 * Thins one dataset: bookmarks first, then the snapshots that have one, then the bookmarks whose time is over. Killed
 * anywhere, it leaves each version as snapshot, as bookmark or as both. What cannot go stops nothing else. Throws
 * `cancelled`, and what is no RoamhomeError.
 */
export async function thinDataset(
  { dataset, destroyed: going, leave, expired }: PlannedDataset,
  { zfs, slots, signal }: { readonly zfs: SyncZfs; readonly slots: Slots; readonly signal: AbortSignal },
): Promise<DatasetReport> {
  const problems: RoamhomeError[] = [];
  const destroyed: SnapshotName[] = [];

  /** Why it failed; null: it went well. */
  async function attempt(command: ZfsCommand<void>): Promise<RoamhomeError | null> {
    const giveBack = await slots.take(signal);
    try {
      await zfs.run(command, { signal });
      return null;
    } catch (error) {
      if (!isRoamhomeError(error) || error.code === 'cancelled') throw error;
      return error;
    } finally {
      giveBack();
    }
  }
  const report = (problem: RoamhomeError): void => {
    // Somebody else was faster.
    if (problem.code !== 'dataset-missing') problems.push(problem);
  };

  async function destroy(names: readonly SnapshotName[]): Promise<void> {
    const problem = await attempt(destroySnapshots(dataset, names));
    if (problem === null) destroyed.push(...names);
    else if (problem.code !== 'dataset-busy' || names.length === 1) report(problem);
    else {
      // All of a command go, or none.
      const half = names.length / 2;
      await destroy(names.slice(0, half));
      await destroy(names.slice(half));
    }
  }

  const unmarked = new Set<SnapshotName>();
  await all(
    leave.map(async ({ snapshot, bookmark: name }) => {
      const problem = await attempt(bookmark(snapshot.name, name));
      if (problem === null) return;
      unmarked.add(snapshot.name);
      report(problem);
    }),
  );
  const marked = going.map(({ snapshot }) => snapshot.name).filter((name) => !unmarked.has(name));
  for (const names of inPieces(marked)) await destroy(names);
  let forgotten = 0;
  await all(
    expired.map(async (name) => {
      const problem = await attempt(destroyBookmark(name));
      if (problem === null) forgotten += 1;
      else report(problem);
    }),
  );
  return { dataset, destroyed, forgotten, problems };
}

/** Like Promise.all, but nothing is under way any more when it throws. */
export async function all<T>(works: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(works);
  return Promise.all(works);
}
