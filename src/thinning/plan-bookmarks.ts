import type { Bookmark, Snapshot } from '../zfs/version.ts';
import {
  parseBookmarkName,
  shortNameOf,
  type BookmarkName,
  type DatasetName,
  type Guid,
} from '../zfs/names.ts';

const day = 86_400;

/** A bookmark that is to be left for a snapshot before it goes. */
export interface LeftBookmark {
  readonly snapshot: Snapshot;
  readonly bookmark: BookmarkName;
}

export interface BookmarkPlan {
  /** For each snapshot that goes, unless it has a bookmark that stays. */
  readonly leave: readonly LeftBookmark[];
  /** Those of ours whose time is over, oldest first. */
  readonly expired: readonly BookmarkName[];
}

/**
 * The name of the bookmark that is left for a snapshot. It says when it was left, which ZFS does not record: a bookmark's
 * `creation` is its snapshot's. `now` in seconds since the epoch. Pure. Throws `name-invalid` where the dataset's name leaves no room for it.
 */
export function bookmarkFor(
  dataset: DatasetName,
  { guid }: Pick<Snapshot, 'guid'>,
  now: number,
): BookmarkName {
  const date = new Date(now * 1000).toISOString().slice(0, 10).replaceAll('-', '');
  return parseBookmarkName(`${dataset}#roamhome-thinned-${date}-${guid}`);
}

/** When thinning left it (midnight UTC, seconds since the epoch); null: somebody else made it. Pure. */
export function leftAt(name: BookmarkName): number | null {
  const [, year, month, date] = /^roamhome-thinned-(\d{4})(\d\d)(\d\d)-\d+$/.exec(shortNameOf(name)) ?? [];
  const at = Date.parse(`${year}-${month}-${date}T00:00:00Z`);
  return Number.isNaN(at) ? null : at / 1000;
}

/** What becomes of the bookmarks of a dataset of which these snapshots go. `now` in seconds since the epoch. Pure. */
export function planBookmarks(
  dataset: DatasetName,
  bookmarks: readonly Bookmark[],
  going: readonly Snapshot[],
  { now, bookmarkDays }: { readonly now: number; readonly bookmarkDays: number },
): BookmarkPlan {
  const isExpired = ({ name }: Bookmark): boolean => {
    const left = leftAt(name);
    return left !== null && left < now - (bookmarkDays + 1) * day;
  };
  const marked = new Set<Guid>(bookmarks.filter((one) => !isExpired(one)).map(({ guid }) => guid));
  return {
    leave: going
      .filter(({ guid }) => !marked.has(guid))
      .map((snapshot) => ({ snapshot, bookmark: bookmarkFor(dataset, snapshot, now) })),
    expired: bookmarks.filter(isExpired).map(({ name }) => name),
  };
}
