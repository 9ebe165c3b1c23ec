import { noOutput, type ZfsCommand } from '../command.ts';
import { shortNameOf, type BookmarkName, type DatasetName, type SnapshotName } from '../names.ts';
import { outputUnknown } from '../parse.ts';
import { thinningProgram } from '../thinning-program.ts';

// Not among the commands that the sync code may use (invariant 2); .dependency-cruiser.cjs sees to it.

/** Snapshots of one dataset, each by its name: one that came meanwhile stays. */
export function destroySnapshots(dataset: DatasetName, snapshots: readonly SnapshotName[]): ZfsCommand<void> {
  return {
    argv: ['zfs', 'destroy', `${dataset}@${snapshots.map(shortNameOf).join(',')}`],
    mutates: true,
    parse: noOutput,
  };
}

/** A snapshot that is to go, and the bookmark that has to be made before. */
export interface Departing {
  readonly snapshot: SnapshotName;
  /** null: it has one already. */
  readonly bookmark: BookmarkName | null;
}

/** The words of one in `thinSnapshots`. */
export function departingWords({ snapshot, bookmark }: Departing): readonly [string, string] {
  return [`@${shortNameOf(snapshot)}`, bookmark === null ? '-' : `#${shortNameOf(bookmark)}`];
}

/**
 * Leaves the bookmark of each of these snapshots of one dataset, then destroys it, all in one transaction group: 0 or an
 * errno for each, in order. For root only; from OpenZFS 2.0 on. Where it fails as a whole, some of it may have been done.
 */
export function thinSnapshots(
  dataset: DatasetName,
  going: readonly [Departing, ...Departing[]],
): ZfsCommand<readonly number[]> {
  const [pool = ''] = dataset.split('/', 1);
  return {
    argv: ['zfs', 'program', '-j', pool, '-', dataset, ...going.flatMap(departingWords)],
    input: thinningProgram,
    mutates: true,
    parse: (stdout) => parseResults(stdout, going.length),
  };
}

function parseResults(stdout: string, count: number): readonly number[] {
  const [, text] = /^\{"return":"(\d{1,9}(?: \d{1,9})*)"\}\n?$/.exec(stdout) ?? [];
  const results = text?.split(' ').map(Number);
  if (results?.length !== count) throw outputUnknown(`what became of ${count} snapshots`, stdout);
  return results;
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
