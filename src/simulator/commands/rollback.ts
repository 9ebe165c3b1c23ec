import { demand } from '../delegation.ts';
import { usageError, ZfsFailure } from '../failure.ts';
import { clonesOf, nextTxg, openSnapshot, type Call } from '../machine.ts';
import { snapshotName, type Dataset } from '../model.ts';
import { parseWords } from '../options.ts';
import { destroyDatasetTree, destroySnapshot } from '../removal.ts';
import { revertToHead } from './snapshot.ts';

/** zfs rollback [-rRf] SNAPSHOT */
export function rollback(call: Call, words: readonly string[]): number {
  const options = parseWords('rollback', words, 'rRf');
  const [name] = options.rest;
  if (name === undefined) throw usageError('missing dataset argument', 'rollback');
  const { machine } = call;
  const target = openSnapshot(machine, name);
  const { dataset } = target;
  const what = `cannot rollback '${dataset.name}'`;
  const newer = dataset.snapshots.slice(dataset.snapshots.indexOf(target) + 1);
  const bookmarks = dataset.bookmarks.filter(({ createtxg }) => createtxg > target.createtxg);
  const clones = newer.flatMap((each) => clonesOf(machine, each));
  if (newer.length + bookmarks.length > 0 && !options.has('r') && !options.has('R')) {
    const list = [...newer.map(snapshotName), ...bookmarks.map(({ short }) => `${dataset.name}#${short}`)];
    throw new ZfsFailure(
      `cannot rollback to '${name}': more recent snapshots or bookmarks exist\n` +
        `use '-r' to force deletion of the following snapshots and bookmarks:\n${list.join('\n')}`,
    );
  }
  if (clones.length > 0 && !options.has('R')) {
    throw new ZfsFailure(
      `cannot rollback to '${name}': clones of previous snapshots exist\n` +
        `use '-R' to force deletion of the following clones and dependents:\n${clones.map((clone) => clone.name).join('\n')}`,
    );
  }
  demand(call, what, dataset.name, 'rollback');
  if (newer.length > 0)
    demand(call, `cannot destroy '${snapshotName(newer[0] ?? target)}'`, dataset.name, 'destroy', 'mount');
  for (const clone of clones) destroyDatasetTree(machine, clone);
  dropNewer(dataset, target.createtxg);
  revertToHead(dataset);
  nextTxg(machine, dataset.name);
  return 0;
}

/** Destroys the snapshots and bookmarks that are newer. */
function dropNewer(dataset: Dataset, createtxg: bigint): void {
  for (const each of [...dataset.snapshots].reverse()) if (each.createtxg > createtxg) destroySnapshot(each);
  dataset.bookmarks = dataset.bookmarks.filter((bookmark) => bookmark.createtxg <= createtxg);
}
