import type { BookmarkName, DatasetName, Guid, ResumeToken, SnapshotName } from './names.ts';

interface VersionFields {
  readonly guid: Guid;
  /** Orders versions within one pool only. */
  readonly createtxg: bigint;
  /** Seconds since the epoch by the clock of the machine that made it: for people, never for decisions. */
  readonly creation: number;
}

export interface Snapshot extends VersionFields {
  readonly kind: 'snapshot';
  readonly name: SnapshotName;
  /** Bytes written between the previous snapshot of the dataset and this one; 0n: it holds no changes. */
  readonly written: bigint;
}

export interface Bookmark extends VersionFields {
  readonly kind: 'bookmark';
  readonly name: BookmarkName;
}

/** A version is what an incremental send can start from. createtxg orders versions within one pool only. */
export type Version = Snapshot | Bookmark;

/** One dataset as `zfs list` shows it, with all of its versions. */
export interface Dataset {
  readonly name: DatasetName;
  /** Bytes written since the newest snapshot. A mere mount can make it more than 0 without a file's change. */
  readonly written: bigint;
  readonly resumeToken: ResumeToken | null;
  readonly mounted: boolean;
  /** Every other column asked for, by name; `-` where the dataset has no such property. */
  readonly properties: Readonly<Record<string, string>>;
  /** Oldest first, by createtxg. */
  readonly snapshots: readonly Snapshot[];
  /** Oldest first, by createtxg. */
  readonly bookmarks: readonly Bookmark[];
}
