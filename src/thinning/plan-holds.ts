import { holdTag, type Hold } from '../zfs/commands/holds.ts';
import type { ThinnableDataset } from '../zfs/commands/list-thinnable.ts';
import { datasetOf, type SnapshotName } from '../zfs/names.ts';

export interface HoldPlan {
  readonly hold: readonly SnapshotName[];
  /** Only once the newest snapshot of the dataset is held. */
  readonly release: readonly SnapshotName[];
}

/**
 * True when an account may receive in a way that can roll back: `receive -F` destroys newer snapshots without any
 * permission to destroy, which `receive:append` cannot. Where nobody is seen to receive, it is not known how Macs do. Pure.
 */
export function needsHolds(permissions: ReadonlySet<string>): boolean {
  return permissions.has('receive') || !permissions.has('receive:append');
}

/** Holds the newest snapshot of each dataset, where holds are needed, and lets go of all others. Pure. */
export function planHolds(
  datasets: readonly ThinnableDataset[],
  holds: readonly Hold[],
  isNeeded: boolean,
): HoldPlan {
  const held = new Set(holds.filter(({ tag }) => tag === holdTag).map(({ snapshot }) => snapshot));
  const heads = new Set(
    isNeeded ? datasets.flatMap(({ snapshots }) => snapshots.slice(-1).map(({ name }) => name)) : [],
  );
  return {
    hold: [...heads].filter((name) => !held.has(name)),
    release: [...held].filter((name) => !heads.has(name)),
  };
}

/** What is to be released where holding the newest snapshot of some datasets has failed. Pure. */
export function withoutThoseOf(
  release: readonly SnapshotName[],
  failed: readonly SnapshotName[],
): readonly SnapshotName[] {
  const unheld = new Set(failed.map(datasetOf));
  return release.filter((name) => !unheld.has(datasetOf(name)));
}

/** The plan in words. Pure. */
export function describeHolds({ hold, release }: HoldPlan): readonly string[] {
  return [
    ...hold.map((name) => `hold ${name}: it is the newest, and a Mac could roll it back`),
    ...release.map((name) => `release ${name}: it need not be held any more`),
  ];
}
