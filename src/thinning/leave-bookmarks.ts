import type { RoamhomeError } from '../errors/errors.ts';
import { bookmark, getBookmarkGuid } from '../zfs/commands/bookmark.ts';
import type { SnapshotName } from '../zfs/names.ts';
import { all, attempt, type Runner } from './attempt.ts';
import type { LeftBookmark } from './plan-bookmarks.ts';

export interface LeavingReport {
  /** Those without a bookmark: they have to stay, if they are there at all. */
  readonly unmarked: ReadonlySet<SnapshotName>;
  /** Why; nothing for those that are gone. */
  readonly problems: readonly RoamhomeError[];
}

/**
 * Leaves bookmarks of snapshots, by a command each. One that cannot be made stops nothing else. Throws `cancelled`, and what
 * is no RoamhomeError.
 */
export async function leaveBookmarks(leave: readonly LeftBookmark[], runner: Runner): Promise<LeavingReport> {
  const outcomes = await all(leave.map((one) => leaveBookmark(one, runner)));
  const failed = outcomes.filter((one) => one !== null);
  return {
    unmarked: new Set(failed.map(({ snapshot }) => snapshot)),
    problems: failed.flatMap(({ problem }) => problem ?? []),
  };
}

interface Failed {
  readonly snapshot: SnapshotName;
  /** null: it is gone, as somebody else was faster. */
  readonly problem: RoamhomeError | null;
}

/** null: there is such a bookmark now. */
async function leaveBookmark(
  { snapshot, bookmark: name }: LeftBookmark,
  runner: Runner,
): Promise<Failed | null> {
  const failed = { snapshot: snapshot.name };
  const { problem } = await attempt(bookmark({ snapshot: snapshot.name, bookmark: name }), runner);
  if (problem === null) return null;
  if (problem.code === 'dataset-missing') return { ...failed, problem: null };
  if (problem.code === 'dataset-exists') {
    // A program that was stopped half way has made it, or another run of thinning.
    const { value: guid } = await attempt(getBookmarkGuid(name), runner);
    if (guid === snapshot.guid) return null;
  }
  return { ...failed, problem };
}
