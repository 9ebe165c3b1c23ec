import type { Tree } from './tree.ts';

/** A snapshot. It belongs to a dataset, which a promote can change. */
export interface Snapshot {
  dataset: Dataset;
  short: string;
  readonly guid: string;
  readonly createtxg: bigint;
  readonly creation: number;
  /** Bytes written between the snapshot before it and this one. */
  written: number;
  readonly tree: Tree;
  /** Of an encrypted one: a raw stream brings it along, and goes on only from a snapshot that has it. */
  readonly ivset: string | null;
  readonly holds: Map<string, number>;
  readonly properties: Map<string, string>;
}

/** What an incremental send can start from when the snapshot itself is gone. */
export interface Bookmark {
  short: string;
  readonly guid: string;
  readonly createtxg: bigint;
  readonly creation: number;
  readonly ivset: string | null;
  /** ZFS keeps no blocks for a bookmark; the tree is here to find what changed since. */
  readonly tree: Tree;
}

/** What arrived of a stream of one snapshot. */
export interface Partial {
  readonly id: string;
  readonly toguid: string;
  readonly fromguid: string | null;
  readonly toname: string;
  readonly flags: readonly string[];
  /** The newest snapshot of the dataset when it began: at the end it must be so still. null: there was none. */
  readonly headGuid: string | null;
  /** Chunks as they came. */
  chunks: Buffer[];
  bytes: number;
  readonly resumable: boolean;
  /** The dataset itself was made by this receive, and goes with it. */
  readonly newDataset: boolean;
  /** The process that receives right now; null: none, it waits to be resumed. */
  owner: string | null;
}

/** How a dataset is mounted. */
export interface Mounted {
  readonly readonly: boolean;
  /** Grows from mount to mount: what was mounted later lies over what was there. */
  readonly order: number;
}

/** What an encryption root has. */
export interface Key {
  readonly cipher: string;
  readonly keyformat: string;
  readonly secret: string;
  loaded: boolean;
}

/** A file system, or a volume. */
export interface Dataset {
  name: string;
  readonly guid: string;
  readonly createtxg: bigint;
  readonly creation: number;
  /** Bytes of a volume; null: it is a file system. */
  readonly volsize: number | null;
  /** An encryption root's own. */
  key: Key | null;
  /** Whose key its data is encrypted with: its own, or that of one above. null: none. */
  encryptionRoot: Dataset | null;
  /** Local and received properties, native and user's. */
  readonly properties: Map<string, { readonly value: string; readonly source: 'local' | 'received' }>;
  /** Who may do what: the permission sets of `zfs allow`, by `user NAME` or `everyone`. */
  readonly delegations: Map<string, Delegation>;
  mounted: Mounted | null;
  live: Tree;
  /** Bytes written since the newest snapshot. */
  written: number;
  /** The first writable mount writes some KiB, later ones nothing; of an encrypted one the first after each receive. */
  everMounted: boolean;
  /**
   * Its intent log was used: by fsync, or by an unmount while files wait for their transaction group (`due`). Each mount from then
   * on, read-only too, writes the head of the log anew.
   */
  logUsed: 'no' | 'due' | 'yes';
  /** That head since the newest snapshot: `due` comes with the transaction group, and shows in `written` only then. */
  logHead: 'clean' | 'due' | 'written';
  /** Oldest first. */
  snapshots: Snapshot[];
  bookmarks: Bookmark[];
  origin: Snapshot | null;
  partial: Partial | null;
}

/** Permissions on the dataset itself, and on those below it. */
export interface Delegation {
  readonly local: Set<string>;
  readonly descendent: Set<string>;
}

/** A pool: its space, its transaction group, and when it is of an older version, what it lacks. */
export interface Pool {
  readonly name: string;
  txg: bigint;
  readonly size: number;
  readonly missingFeatures: readonly string[];
}

/** `dataset@short`. */
export function snapshotName(snapshot: Snapshot): string {
  return `${snapshot.dataset.name}@${snapshot.short}`;
}

/** The newest snapshot. */
export function headOf(dataset: Dataset): Snapshot | undefined {
  return dataset.snapshots.at(-1);
}

/** The pool's part of a name. */
export function poolOf(name: string): string {
  return name.split(/[/@#]/, 1)[0] ?? '';
}

/** The name of the dataset above; null for a pool's own. */
export function parentOf(name: string): string | null {
  const slash = name.lastIndexOf('/');
  return slash < 0 ? null : name.slice(0, slash);
}

/** True for the dataset itself and those below it. */
export function isAtOrBelow(name: string, root: string): boolean {
  return name === root || name.startsWith(`${root}/`);
}
