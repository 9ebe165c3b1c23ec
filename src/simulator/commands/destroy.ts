import { demand, isAllowed } from '../delegation.ts';
import { usageError, ZfsFailure } from '../failure.ts';
import {
  clonesOf,
  datasetsAtOrBelow,
  findBookmark,
  nextTxg,
  openDataset,
  type Call,
  type Machine,
} from '../machine.ts';
import { unmountTree } from '../mounting.ts';
import { snapshotName, type Dataset, type Snapshot } from '../model.ts';
import { parseWords, type Words } from '../options.ts';
import {
  dependentClones,
  dependentsOf,
  destroyDatasetTree,
  destroySnapshot,
  receivingClone,
  reclaimedBytes,
} from '../removal.ts';
import { niceBytes } from '../space.ts';

/** zfs destroy [-rRf] FILESYSTEM | [-rRnvd] FILESYSTEM@a,b%c | FILESYSTEM#BOOKMARK */
export function destroy(call: Call, words: readonly string[]): number {
  const options = parseWords('destroy', words, 'rRfnvdp');
  const [name] = options.rest;
  if (name === undefined) throw usageError('missing dataset argument', 'destroy');
  if (name.includes('#')) return destroyBookmark(call, name);
  return name.includes('@') ? destroySnapshots(call, name, options) : destroyDataset(call, name, options);
}

function destroyBookmark(call: Call, name: string): number {
  const bookmark = findBookmark(call.machine, name);
  if (bookmark === undefined) throw new ZfsFailure(`bookmark '${name}' does not exist.`);
  const dataset = openDataset(call.machine, name.slice(0, name.indexOf('#')));
  demand(call, 'cannot destroy bookmark', dataset.name, 'destroy');
  dataset.bookmarks.splice(dataset.bookmarks.indexOf(bookmark), 1);
  nextTxg(call.machine, dataset.name);
  return 0;
}

/** The snapshots that `a,b%c` names, in zfs's terms a "snapspec"; what is not there is left out. */
function snapshotsIn(dataset: Dataset, spec: string): readonly Snapshot[] {
  const { snapshots } = dataset;
  const found = new Set<Snapshot>();
  for (const part of spec.split(',')) {
    const [first = '', last] = part.split('%');
    const indexOf = (short: string): number => snapshots.findIndex((each) => each.short === short);
    const from = first === '' && last !== undefined ? 0 : indexOf(first);
    const to = last === undefined ? from : last === '' ? snapshots.length - 1 : indexOf(last);
    if (from >= 0 && to >= 0) for (const each of snapshots.slice(from, to + 1)) found.add(each);
  }
  return [...found];
}

function isHeld(snapshot: Snapshot): string {
  const name = snapshotName(snapshot);
  return `cannot destroy snapshot ${name}: it's being held. Run 'zfs holds -r ${name}' to see holders.`;
}

function whyNotDestroyable(machine: Machine, snapshot: Snapshot): string | null {
  return snapshot.holds.size > 0 ? isHeld(snapshot) : null;
}

function destroySnapshots(call: Call, name: string, options: Words): number {
  const { machine } = call;
  const top = openDataset(machine, name.slice(0, name.indexOf('@')));
  const spec = name.slice(name.indexOf('@') + 1);
  const recursive = options.has('r') || options.has('R');
  const datasets = recursive ? datasetsAtOrBelow(machine, top.name) : [top];
  const chosen = datasets.flatMap((dataset) => snapshotsIn(dataset, spec));
  if (chosen.length === 0)
    throw new ZfsFailure('could not find any snapshots to destroy; check snapshot names.');
  for (const each of chosen) {
    const clones = [
      ...clonesOf(machine, each).flatMap((clone) => [...dependentsOf(machine, clone), clone.name]),
      ...receivingClone(each),
    ];
    if (clones.length > 0 && !options.has('R')) {
      throw new ZfsFailure(
        `cannot destroy '${snapshotName(each)}': snapshot has dependent clones\n` +
          `use '-R' to destroy the following datasets:\n${clones.join('\n')}`,
      );
    }
  }
  if (options.has('v') || options.has('n')) {
    const bytes = datasets.reduce((sum, dataset) => sum + reclaimedBytes(dataset, chosen), 0);
    if (options.has('v')) sayRemoval(call, chosen, bytes, options);
    if (options.has('n')) return 0;
  }
  if (chosen.some(({ dataset }) => !isAllowed(machine, call.user, dataset.name, 'destroy'))) {
    throw new ZfsFailure('cannot destroy snapshots: permission denied');
  }
  const failures = chosen.map((each) => whyNotDestroyable(machine, each)).filter((why) => why !== null);
  if (failures.length > 0) throw new ZfsFailure(failures.join('\n'));
  for (const each of chosen) for (const clone of clonesOf(machine, each)) destroyDatasetTree(machine, clone);
  for (const each of [...chosen].reverse()) destroySnapshot(each);
  nextTxg(machine, top.name);
  return 0;
}

function sayRemoval(call: Call, chosen: readonly Snapshot[], bytes: number, options: Words): void {
  const would = options.has('n') ? 'would ' : 'will ';
  const [start, blank, size] = options.has('p') ? ['', '\t', String(bytes)] : [would, ' ', niceBytes(bytes)];
  for (const each of chosen) call.out(`${start}destroy${blank}${snapshotName(each)}\n`);
  call.out(`${start}reclaim${blank}${size}\n`);
}

function destroyDataset(call: Call, name: string, options: Words): number {
  const { machine } = call;
  const dataset = openDataset(machine, name);
  if (!name.includes('/')) {
    throw new ZfsFailure(
      `cannot destroy '${name}': operation does not apply to pools\nuse 'zfs destroy -r ${name}' to destroy all datasets in the pool\nuse 'zpool destroy ${name}' to destroy the pool itself`,
    );
  }
  const below = dependentsOf(machine, dataset);
  if (below.length > 0 && !options.has('r') && !options.has('R')) {
    throw new ZfsFailure(
      `cannot destroy '${name}': ${dataset.volsize === null ? 'filesystem' : 'volume'} has children\nuse '-r' to destroy the following datasets:\n${below.join('\n')}`,
    );
  }
  const clones = dependentClones(machine, dataset);
  if (clones.length > 0 && !options.has('R')) {
    throw new ZfsFailure(
      `cannot destroy '${name}': ${dataset.volsize === null ? 'filesystem' : 'volume'} has dependent clones\nuse '-R' to destroy the following datasets:\n${clones.map((clone) => clone.name).join('\n')}`,
    );
  }
  const all = datasetsAtOrBelow(machine, name);
  // With -r the snapshots go first.
  const first = all.some(({ snapshots }) => snapshots.length > 0) ? 'snapshots' : `'${name}'`;
  demand(call, `cannot destroy ${first}`, name, 'destroy', 'mount');
  const held = all.flatMap(({ snapshots }) => snapshots).filter(({ holds }) => holds.size > 0);
  if (held.length > 0) {
    throw new ZfsFailure(held.map(isHeld).join('\n'));
  }
  if (all.some(({ partial }) => partial !== null && partial.owner !== null))
    throw new ZfsFailure(`cannot destroy '${name}': dataset is busy`);
  for (const each of [...clones, dataset]) {
    unmountTree(machine, each, options.has('f'));
    destroyDatasetTree(machine, each);
  }
  nextTxg(machine, name);
  return 0;
}
