import { noOutput, type ZfsCommand } from '../command.ts';
import type { BookmarkName, Guid, SnapshotName } from '../names.ts';
import { parseGuid } from '../parse.ts';

/** A bookmark that is to be made of a snapshot. */
export interface NewBookmark {
  readonly snapshot: SnapshotName;
  readonly bookmark: BookmarkName;
}

/** One bookmark: `zfs bookmark` takes no more a command. */
export function bookmark({ snapshot, bookmark: name }: NewBookmark): ZfsCommand<void> {
  return { argv: ['zfs', 'bookmark', snapshot, name], mutates: true, parse: noOutput };
}

/** What a bookmark is of. */
export function getBookmarkGuid(name: BookmarkName): ZfsCommand<Guid> {
  return {
    argv: ['zfs', 'get', '-Hpo', 'value', 'guid', name],
    mutates: false,
    parse: (stdout) => parseGuid(stdout.replace(/\n$/, ''), stdout),
  };
}
