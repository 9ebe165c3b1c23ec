import type { RoamhomeError } from '../errors/errors.ts';
import type { Log } from '../log/log.ts';
import { destroyBookmark, destroySnapshots } from '../zfs/commands/remove.ts';
import type { DatasetName, SnapshotName } from '../zfs/names.ts';
import { all, attempt, type Runner } from './attempt.ts';
import { inPieces } from './in-pieces.ts';
import { leaveBookmarks } from './leave-bookmarks.ts';
import type { PlannedDataset } from './plan-homes.ts';
import { thinByProgram } from './thin-by-program.ts';

export interface DatasetReport {
  readonly dataset: DatasetName;
  readonly destroyed: readonly SnapshotName[];
  /** How many of the bookmarks that earlier runs left are gone. */
  readonly forgotten: number;
  /** What could not go, and why. */
  readonly problems: readonly RoamhomeError[];
}

/**
 * Thins one dataset: a bookmark first, then the snapshot that has one, then the bookmarks whose time is over. Killed
 * anywhere, it leaves each version as snapshot, as bookmark or as both. What cannot go stops nothing else. Throws
 * `cancelled`, and what is no RoamhomeError.
 */
export async function thinDataset(
  { dataset, destroyed: going, leave, expired }: PlannedDataset,
  runner: Runner & { readonly log: Log },
): Promise<DatasetReport> {
  const bookmarks = new Map(leave.map(({ snapshot, bookmark }) => [snapshot.name, bookmark]));
  const departing = going.map(({ snapshot: { name } }) => ({
    snapshot: name,
    bookmark: bookmarks.get(name) ?? null,
  }));
  const byProgram = await thinByProgram(dataset, departing, runner);
  // What is left is held or cloned by now, mounted through `.zfs`, which `zfs destroy` undoes, or there are no programs here:
  // zfs's own commands do it, or say why not.
  const left = new Set(byProgram.left.map(({ snapshot }) => snapshot));
  const { unmarked, problems: unmade } = await leaveBookmarks(
    leave.filter(({ snapshot }) => left.has(snapshot.name)),
    runner,
  );
  const problems = [...unmade];
  const destroyed = [...byProgram.destroyed];
  const report = (problem: RoamhomeError): void => {
    // Somebody else was faster.
    if (problem.code !== 'dataset-missing') problems.push(problem);
  };

  async function destroy(names: readonly SnapshotName[]): Promise<void> {
    const { problem } = await attempt(destroySnapshots(dataset, names), runner);
    if (problem === null) destroyed.push(...names);
    else if (problem.code !== 'dataset-busy' || names.length === 1) report(problem);
    else {
      // All of a command go, or none.
      const half = names.length / 2;
      await destroy(names.slice(0, half));
      await destroy(names.slice(half));
    }
  }

  const marked = [...left].filter((name) => !unmarked.has(name));
  for (const names of inPieces(marked)) await destroy(names);
  let forgotten = 0;
  await all(
    expired.map(async (name) => {
      const { problem } = await attempt(destroyBookmark(name), runner);
      if (problem === null) forgotten += 1;
      else report(problem);
    }),
  );
  return { dataset, destroyed, forgotten, problems };
}
