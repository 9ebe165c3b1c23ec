import { childrenOf, clonesOf, datasetsAtOrBelow, type Machine } from './machine.ts';
import { snapshotName, type Dataset, type Snapshot } from './model.ts';
import { bytesOf, emptyTree, sameEntry, writtenBetween, type Tree } from './tree.ts';

/**
 * Takes a snapshot away. What was written up to it and is still there counts from then on to the next one, so a
 * snapshot that held no changes may hold some afterwards.
 */
export function destroySnapshot(snapshot: Snapshot): void {
  const { dataset } = snapshot;
  const at = dataset.snapshots.indexOf(snapshot);
  const before = dataset.snapshots[at - 1] ?? dataset.origin;
  const next = dataset.snapshots[at + 1];
  dataset.snapshots.splice(at, 1);
  if (snapshot.written === 0) return;
  const differing = writtenBetween(before?.tree ?? emptyTree, next?.tree ?? dataset.live);
  const after = next ?? dataset;
  after.written = differing === 0 ? after.written + snapshot.written : Math.max(after.written, differing);
}

/** What only the snapshots that are to go still hold. */
export function reclaimedBytes(dataset: Dataset, going: readonly Snapshot[]): number {
  const kept = dataset.snapshots.filter((each) => !going.includes(each)).map(({ tree }) => tree);
  const seen = [dataset.live, ...kept];
  let bytes = 0;
  for (const { tree } of dataset.snapshots.filter((each) => going.includes(each))) {
    for (const [path, entry] of tree) {
      const holds = (other: Tree): boolean => {
        const same = other.get(path);
        return same !== undefined && sameEntry(same, entry);
      };
      if (!seen.some(holds)) bytes += bytesOf(entry);
    }
    seen.push(tree);
  }
  return bytes;
}

/** Takes a dataset away, with all below it and their snapshots; nothing is checked. */
export function destroyDatasetTree(machine: Machine, dataset: Dataset): void {
  for (const each of datasetsAtOrBelow(machine, dataset.name)) {
    machine.datasets.delete(each.name);
    machine.inUse.delete(each.name);
  }
}

/** The clones of the dataset's snapshots that are not below it themselves, and all that depends on them. */
export function dependentClones(machine: Machine, dataset: Dataset): readonly Dataset[] {
  const below = datasetsAtOrBelow(machine, dataset.name);
  const clones = below.flatMap(({ snapshots }) =>
    snapshots.flatMap((snapshot) => clonesOf(machine, snapshot)),
  );
  return clones.filter((clone) => !below.includes(clone));
}

/** What stands in the way of destroying a dataset alone, in the order zfs names it. */
export function dependentsOf(machine: Machine, dataset: Dataset): readonly string[] {
  return [
    ...childrenOf(machine, dataset.name).flatMap((child) => [...dependentsOf(machine, child), child.name]),
    ...dataset.snapshots.map(snapshotName),
  ];
}

/** A partial receive is a hidden clone of the snapshot that it goes on from. */
export function receivingClone({ dataset, guid }: Snapshot): readonly string[] {
  const { partial } = dataset;
  return partial !== null && !partial.newDataset && partial.fromguid === guid
    ? [`${dataset.name}/%recv`]
    : [];
}
