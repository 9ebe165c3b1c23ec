import type { DatasetName, SnapshotName } from './names.ts';
import type { Dataset } from './version.ts';

/** A dataset that is to go, with all that was seen of it. */
export interface SeenDataset {
  readonly name: DatasetName;
  readonly snapshots: readonly SnapshotName[];
}

/** Deepest first, as they can be destroyed. Pure. */
export function seenDatasets(datasets: readonly Dataset[]): readonly SeenDataset[] {
  return datasets
    .map(({ name, snapshots }) => ({ name, snapshots: snapshots.map((snapshot) => snapshot.name) }))
    .sort((a, b) => b.name.length - a.name.length);
}
