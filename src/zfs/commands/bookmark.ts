import { bookmarkProgram } from '../bookmark-program.ts';
import { noOutput, type ZfsCommand } from '../command.ts';
import { datasetOf, type BookmarkName, type Guid, type SnapshotName } from '../names.ts';
import { outputUnknown, parseGuid } from '../parse.ts';

/** A bookmark that is to be made of a snapshot. */
export interface NewBookmark {
  readonly snapshot: SnapshotName;
  readonly bookmark: BookmarkName;
}

/** One bookmark: `zfs bookmark` takes no more a command. */
export function bookmark({ snapshot, bookmark: name }: NewBookmark): ZfsCommand<void> {
  return { argv: ['zfs', 'bookmark', snapshot, name], mutates: true, parse: noOutput };
}

/**
 * Bookmarks of snapshots of one pool, in one transaction group: 0 or an errno for each, in order. For root only; from OpenZFS 2.0 on. Where it
 * fails as a whole, some of them may have been made.
 */
export function bookmarkAll(wanted: readonly [NewBookmark, ...NewBookmark[]]): ZfsCommand<readonly number[]> {
  const [pool = ''] = datasetOf(wanted[0].snapshot).split('/', 1);
  const words = wanted.flatMap(({ snapshot, bookmark: name }) => [snapshot, name]);
  return {
    argv: ['zfs', 'program', '-j', pool, '-', ...words],
    input: bookmarkProgram,
    mutates: true,
    parse: (stdout) => parseResults(stdout, wanted.length),
  };
}

function parseResults(stdout: string, count: number): readonly number[] {
  const [, text] = /^\{"return":"(\d{1,9}(?: \d{1,9})*)"\}\n?$/.exec(stdout) ?? [];
  const results = text?.split(' ').map(Number);
  if (results?.length !== count) throw outputUnknown(`what became of ${count} bookmarks`, stdout);
  return results;
}

/** What a bookmark is of. */
export function getBookmarkGuid(name: BookmarkName): ZfsCommand<Guid> {
  return {
    argv: ['zfs', 'get', '-Hpo', 'value', 'guid', name],
    mutates: false,
    parse: (stdout) => parseGuid(stdout.replace(/\n$/, ''), stdout),
  };
}
