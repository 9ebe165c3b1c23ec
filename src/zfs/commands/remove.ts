import { noOutput, type ZfsCommand } from '../command.ts';
import { shortNameOf, type BookmarkName, type DatasetName, type SnapshotName } from '../names.ts';

// Not among the commands that the sync code may use (invariant 2); .dependency-cruiser.cjs sees to it.

/** Snapshots of one dataset, each by its name: one that came meanwhile stays. */
export function destroySnapshots(dataset: DatasetName, snapshots: readonly SnapshotName[]): ZfsCommand<void> {
  return {
    argv: ['zfs', 'destroy', `${dataset}@${snapshots.map(shortNameOf).join(',')}`],
    mutates: true,
    parse: noOutput,
  };
}

/** A dataset that has no snapshots and no children; zfs itself refuses any other. */
export function destroyDataset(dataset: DatasetName): ZfsCommand<void> {
  return { argv: ['zfs', 'destroy', dataset], mutates: true, parse: noOutput };
}

export function destroyBookmark(bookmark: BookmarkName): ZfsCommand<void> {
  return { argv: ['zfs', 'destroy', bookmark], mutates: true, parse: noOutput };
}

/** Takes a hold off snapshots: nothing keeps them from being destroyed then, by a forced receive either. */
export function releaseSnapshots(tag: string, snapshots: readonly SnapshotName[]): ZfsCommand<void> {
  return { argv: ['zfs', 'release', tag, ...snapshots], mutates: true, parse: noOutput };
}
