import type { RoamhomeError } from '../errors/errors.ts';
import type { Log } from '../log/log.ts';
import { ENOENT } from '../zfs/bookmark-program.ts';
import { bookmark, bookmarkAll, getBookmarkGuid, type NewBookmark } from '../zfs/commands/bookmark.ts';
import type { DatasetName, SnapshotName } from '../zfs/names.ts';
import { all, attempt, type Runner } from './attempt.ts';
import { inPiecesOf } from './in-pieces.ts';
import type { LeftBookmark } from './plan-bookmarks.ts';

export interface LeavingReport {
  /** Those without a bookmark: they have to stay, if they are there at all. */
  readonly unmarked: ReadonlySet<SnapshotName>;
  /** Why; nothing for those that are gone. */
  readonly problems: readonly RoamhomeError[];
}

/**
 * Leaves bookmarks of a dataset's snapshots: by a channel program, which takes many in one transaction group; those that it
 * does not make, and all where there is none to be had, by a `zfs bookmark` each. One that cannot be made stops nothing else. Throws
 * `cancelled`, and what is no RoamhomeError.
 */
export async function leaveBookmarks(
  dataset: DatasetName,
  leave: readonly LeftBookmark[],
  { log, ...runner }: Runner & { readonly log: Log },
): Promise<LeavingReport> {
  const wanted = leave.map((one): Wanted => ({
    ...one,
    snapshot: one.snapshot.name,
    guid: one.snapshot.guid,
  }));
  const outcomes = await all(
    // What fits into a command is far below the limits of a program: 10 MB and 10 million instructions.
    inPiecesOf(wanted, ({ snapshot, bookmark: name }) => [snapshot, name]).map(async (piece) => {
      const left = await byProgram(dataset, piece, { log, ...runner });
      return all(left.map(async (one) => (one.isGone ? { ...one, problem: null } : byItself(one, runner))));
    }),
  );
  const failed = outcomes.flat().filter((one) => one !== null);
  return {
    unmarked: new Set(failed.map(({ snapshot }) => snapshot)),
    problems: failed.flatMap(({ problem }) => problem ?? []),
  };
}

interface Wanted extends NewBookmark {
  readonly guid: LeftBookmark['snapshot']['guid'];
}

interface Failed {
  readonly snapshot: SnapshotName;
  /** null: it is gone, as somebody else was faster. */
  readonly problem: RoamhomeError | null;
}

/** Those that the program has not made. */
async function byProgram(
  dataset: DatasetName,
  piece: readonly [Wanted, ...Wanted[]],
  { log, ...runner }: Runner & { readonly log: Log },
): Promise<readonly (Wanted & { readonly isGone: boolean })[]> {
  const unmade = piece.map((one) => ({ ...one, isGone: false }));
  // A `zfs bookmark` does as well then, and says better why not.
  if (piece.length === 1) return unmade;
  const { value: results, problem } = await attempt(bookmarkAll(piece), runner);
  if (results === null) {
    log.info('bookmarks-one-by-one', { dataset, bookmarks: piece.length, error: problem });
    return unmade;
  }
  return unmade.flatMap((one, i) => (results[i] === 0 ? [] : { ...one, isGone: results[i] === ENOENT }));
}

/** null: there is such a bookmark now. */
async function byItself(one: Wanted, runner: Runner): Promise<Failed | null> {
  const { problem } = await attempt(bookmark(one), runner);
  if (problem === null) return null;
  if (problem.code === 'dataset-missing') return { ...one, problem: null };
  if (problem.code === 'dataset-exists') {
    // A program that was stopped half way has made it, or another run of thinning.
    const { value: guid } = await attempt(getBookmarkGuid(one.bookmark), runner);
    if (guid === one.guid) return null;
  }
  return { ...one, problem };
}
