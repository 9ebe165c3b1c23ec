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
  readonly holds: Map<string, number>;
  readonly properties: Map<string, string>;
}

/** What an incremental send can start from when the snapshot itself is gone. */
export interface Bookmark {
  short: string;
  readonly guid: string;
  readonly createtxg: bigint;
  readonly creation: number;
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

/** A file system. */
export interface Dataset {
  name: string;
  readonly guid: string;
  readonly createtxg: bigint;
  readonly creation: number;
  /** Local and received properties, native and user's. */
  readonly properties: Map<string, { readonly value: string; readonly source: 'local' | 'received' }>;
  /** Who may do what: the permission sets of `zfs allow`, by `user NAME` or `everyone`. */
  readonly delegations: Map<string, Delegation>;
  mounted: Mounted | null;
  live: Tree;
  /** Bytes written since the newest snapshot. */
  written: number;
  /** The first writable mount writes some KiB, later ones nothing (docs/zfs-behaviour.md). */
  everMounted: boolean;
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
