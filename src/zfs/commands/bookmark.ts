import { noOutput, type ZfsCommand } from '../command.ts';
import type { BookmarkName, SnapshotName } from '../names.ts';

/** A bookmark takes one snapshot a command: the zfs program knows no other way. */
export function bookmark(snapshot: SnapshotName, name: BookmarkName): ZfsCommand<void> {
  return { argv: ['zfs', 'bookmark', snapshot, name], mutates: true, parse: noOutput };
}
