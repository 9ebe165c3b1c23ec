import { permissionFor } from '../commands/set.ts';
import { isAllowed } from '../delegation.ts';
import { cannotOpen, usageError, ZfsFailure } from '../failure.ts';
import { newGuid, nextTxg, type Call, type Machine } from '../machine.ts';
import { mountAutomatically } from '../mounting.ts';
import { headOf, type Dataset, type Partial } from '../model.ts';
import { invalid, type Beginning } from './receive-begin.ts';
import type { ReceiveOptions } from './receive-options.ts';
import { destroyDatasetTree } from '../removal.ts';
import { applyPayload, type StreamHeader } from './stream.ts';

/** What a receive has been about. */
export interface Commit {
  readonly beginning: Beginning;
  readonly header: StreamHeader;
  readonly options: ReceiveOptions;
}

/** All of a snapshot has come: it is there, and the dataset as it is in it. */
export function commit(
  call: Call,
  dataset: Dataset,
  partial: Partial,
  { beginning, header, options }: Commit,
): void {
  checkUnmoved(dataset, partial, beginning.what);
  const source = dataset.snapshots.find(({ guid }) => guid === header.fromguid) ?? dataset.origin;
  const tree = applyPayload(
    header.fromguid === null ? null : (source?.tree ?? null),
    Buffer.concat(partial.chunks),
  );
  dataset.partial = null;
  dataset.live = tree;
  dataset.written = 0;
  dataset.logUsed = 'no';
  dataset.logHead = 'clean';
  if (dataset.encryptionRoot !== null) dataset.everMounted = false;
  dataset.snapshots.push({
    dataset,
    short: beginning.short,
    guid: header.toguid,
    createtxg: nextTxg(call.machine, dataset.name),
    creation: header.creation,
    written: header.written,
    ivset: header.raw?.toIvset ?? (dataset.encryptionRoot === null ? null : newGuid(call.machine)),
    tree,
    holds: new Map(),
    properties: new Map(),
  });
  for (const line of setReceivedProperties(call, dataset, options)) call.err(line);
  if (partial.newDataset && options.mount) mountAutomatically(call, dataset);
}

/**
 * At the end the dataset must be as it was at the beginning (module/zfs/dsl_dataset.c, dsl_dataset_clone_swap_check_impl): a
 * snapshot in between is as good as invalid, and what was written since is told.
 */
function checkUnmoved(dataset: Dataset, partial: Partial, what: string): void {
  if (partial.newDataset) return;
  if ((headOf(dataset)?.guid ?? null) !== partial.headGuid) throw invalid(what, partial);
  if (dataset.written > 0)
    throw new ZfsFailure(
      `${what}: destination ${dataset.name} has been modified\nsince most recent snapshot`,
    );
}

/** Sets what may be set, and gives the rest as zfs says it at the end, exiting 0 all the same (seen on 2.3.2). */
export function setReceivedProperties(
  call: Call,
  dataset: Dataset,
  { properties }: ReceiveOptions,
): readonly string[] {
  return [...properties].flatMap(([property, value]) => {
    if (!isAllowed(call.machine, call.user, dataset.name, permissionFor(property))) {
      return [`cannot receive ${property} property on ${dataset.name}: permission denied\n`];
    }
    dataset.properties.set(property, { value, source: 'local' });
    return [];
  });
}

/** A receive has ended before its stream: a resumable one waits, any other leaves nothing. */
export function leavePartial(machine: Machine, dataset: Dataset): void {
  const { partial } = dataset;
  if (partial === null) return;
  partial.owner = null;
  if (partial.resumable) return;
  if (partial.newDataset) destroyDatasetTree(machine, dataset);
  else dataset.partial = null;
}

/** Discards what a receive has left. */
export function abortReceive(call: Call, name: string): void {
  const dataset = call.machine.datasets.get(name);
  if (dataset === undefined) throw usageError(cannotOpen(name).stderr.trimEnd(), 'receive');
  const { partial } = dataset;
  if (partial?.resumable !== true)
    throw new ZfsFailure(`'${name}' does not have any resumable receive state to abort`);
  const what = `cannot destroy '${partial.newDataset ? name : `${name}/%recv`}'`;
  if (!['destroy', 'mount'].every((permission) => isAllowed(call.machine, call.user, name, permission))) {
    throw new ZfsFailure(`${what}: permission denied`);
  }
  if (partial.owner !== null) throw new ZfsFailure(`${what}: dataset is busy`);
  if (partial.newDataset) destroyDatasetTree(call.machine, dataset);
  else dataset.partial = null;
  nextTxg(call.machine, name);
}
