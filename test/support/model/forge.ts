import { newGuid, nextTxg, type Machine } from '../../../src/simulator/machine.ts';
import type { Snapshot } from '../../../src/simulator/model.ts';

/** What of a snapshot a client can make up: a stream's head says all of it, and ZFS takes its word. */
type Forged = Partial<Pick<Snapshot, 'short' | 'guid' | 'creation' | 'written' | 'tree'>>;

/** Puts a snapshot on a dataset's line as a stream does whose head was written over. */
export function forgeSnapshot(machine: Machine, name: string, forged: Forged): Snapshot {
  const dataset = machine.datasets.get(name);
  if (dataset === undefined) throw new Error(`there is no ${name}`);
  const createtxg = nextTxg(machine, name);
  const snapshot: Snapshot = {
    dataset,
    short: `roamhome-forged-${createtxg}`,
    guid: newGuid(machine),
    createtxg,
    creation: Math.floor(machine.now() / 1000),
    written: 4096,
    tree: dataset.live,
    ivset: null,
    holds: new Map(),
    properties: new Map(),
    ...forged,
  };
  dataset.snapshots.push(snapshot);
  dataset.live = snapshot.tree;
  dataset.written = 0;
  return snapshot;
}
