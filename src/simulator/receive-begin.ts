import { isAllowed } from './delegation.ts';
import { ZfsFailure } from './failure.ts';
import { addDataset, findSnapshot, type Call } from './machine.ts';
import { parentOf, poolOf, type Dataset, type Partial, type Snapshot } from './model.ts';
import { unmountTree } from './mounting.ts';
import type { ReceiveOptions } from './receive-options.ts';
import { destroyDatasetTree, destroySnapshot } from './removal.ts';
import { revertToHead } from './commands/snapshot.ts';
import type { StreamHeader } from './stream.ts';
import { emptyTree } from './tree.ts';

/** What a receive of one snapshot is to do. */
export interface Beginning {
  readonly dataset: string;
  readonly short: string;
  /** The begin of each message: what kind of stream it is. */
  readonly what: string;
  /** The snapshot is here already: zfs reads the stream to its end and is content. */
  readonly skip: boolean;
}

/** The beginning of a message, by what the stream is (lib/libzfs/libzfs_sendrecv.c, zfs_receive_one). */
function messageFor(header: StreamHeader, isNew: boolean): string {
  if (isNew) return 'cannot receive new filesystem stream';
  return header.resuming ? 'cannot receive resume stream' : 'cannot receive incremental stream';
}

/** Checks in zfs's order, and makes the place for what is to come. Throws its refusals. */
export function beginReceive(
  call: Call,
  options: ReceiveOptions,
  header: StreamHeader,
  owner: string,
): Beginning {
  const { machine } = call;
  const [dataset = '', given] = options.target.split('@');
  const short = given ?? header.toname.slice(header.toname.indexOf('@') + 1);
  const isNew = (header.fromguid === null || options.origin !== null) && !header.resuming;
  const what = messageFor(header, isNew);
  const beginning = { dataset, short, what, skip: false };
  const existing = machine.datasets.get(dataset);
  checkDestination(call, options, beginning, existing, isNew);
  demandReceive(call, what, existing?.name ?? parentOf(dataset) ?? dataset, options.force);
  checkFeatures(call, options, header, beginning);
  const partial = { header, owner, resumable: options.resumable };
  if (header.resuming) {
    takeUp(existing, beginning, header, owner);
  } else if (existing === undefined || isNew) {
    if (existing !== undefined) {
      unmountTree(machine, existing, true);
      destroyDatasetTree(machine, existing);
    }
    makeDataset(call, options, beginning, partial);
  } else if (!checkIncremental(existing, options, beginning, header)) {
    return { ...beginning, skip: true };
  } else {
    existing.partial = newPartial(partial, false);
  }
  return beginning;
}

function checkDestination(
  { machine }: Call,
  options: ReceiveOptions,
  { dataset, what }: Beginning,
  existing: Dataset | undefined,
  isNew: boolean,
): void {
  if (existing === undefined) {
    const parent = parentOf(dataset);
    if (!isNew || parent === null) throw new ZfsFailure(`${what}: destination '${dataset}' does not exist`);
    if (machine.datasets.has(parent)) return;
    throw new ZfsFailure(
      `cannot open '${parent}': dataset does not exist\n${what}: unable to restore to destination`,
    );
  }
  if (!isNew) return;
  if (!options.force)
    throw new ZfsFailure(`${what}: destination '${dataset}' exists\nmust specify -F to overwrite it`);
  const [first] = existing.snapshots;
  if (first !== undefined) {
    throw new ZfsFailure(
      `${what}: destination has snapshots (eg. ${dataset}@${first.short})\nmust destroy them to overwrite it`,
    );
  }
  if (existing.origin !== null) {
    throw new ZfsFailure(`${what}: destination '${dataset}' is a clone\nmust destroy it to overwrite it`);
  }
}

/** A forced receive may destroy, so `receive:append` does not do for it. */
function demandReceive(call: Call, what: string, name: string, force: boolean): void {
  const may = (permission: string): boolean => isAllowed(call.machine, call.user, name, permission);
  const receives = may('receive') || (!force && may('receive:append'));
  if (!receives || !may('mount') || !may('create')) throw new ZfsFailure(`${what}: permission denied`);
}

function checkFeatures(
  { machine }: Call,
  options: ReceiveOptions,
  header: StreamHeader,
  { dataset, what }: Beginning,
): void {
  const missing = machine.pools.get(poolOf(dataset))?.missingFeatures ?? [];
  const needed = [
    ...(options.resumable ? ['extensible_dataset'] : []),
    ...(header.flags.includes('L') ? ['large_blocks'] : []),
    ...(header.flags.includes('e') ? ['embedded_data'] : []),
    ...(header.flags.includes('c') ? ['lz4_compress'] : []),
  ];
  if (!needed.some((feature) => missing.includes(feature))) return;
  throw new ZfsFailure(`${what}: pool must be upgraded to receive this stream.`);
}

/** EINVAL's text, which depends on the stream's flags and not on the reason (docs/zfs-behaviour.md). */
function invalid(what: string, header: StreamHeader): ZfsFailure {
  return new ZfsFailure(
    header.flags.includes('e')
      ? `${what}: incompatible embedded data stream feature with encrypted receive.`
      : `${what}: kernel modules must be upgraded to receive this stream.`,
  );
}

function holdsPartial({ dataset, what }: Beginning, partial: Partial): ZfsFailure {
  return new ZfsFailure(
    partial.resumable
      ? `${what}: destination ${dataset} contains partially-complete state from "zfs receive -s".`
      : `${what}: dataset is busy`,
  );
}

function takeUp(
  existing: Dataset | undefined,
  beginning: Beginning,
  header: StreamHeader,
  owner: string,
): void {
  const partial = existing?.partial ?? null;
  if (partial === null) throw invalid(beginning.what, header);
  if (partial.owner !== null) throw holdsPartial(beginning, partial);
  if (partial.toguid !== header.toguid || partial.bytes !== header.resumed)
    throw invalid(beginning.what, header);
  partial.owner = owner;
}

interface PartialFields {
  readonly header: StreamHeader;
  readonly owner: string;
  readonly resumable: boolean;
}

function newPartial({ header, owner, resumable }: PartialFields, newDataset: boolean): Partial {
  const { toguid, fromguid, toname, flags } = header;
  return { id: owner, toguid, fromguid, toname, flags, chunks: [], bytes: 0, resumable, newDataset, owner };
}

function makeDataset(
  call: Call,
  options: ReceiveOptions,
  { dataset: name, what }: Beginning,
  fields: PartialFields,
): void {
  const { machine } = call;
  const origin: Snapshot | null =
    options.origin === null ? null : (findSnapshot(machine, options.origin) ?? null);
  if (origin !== null && origin.guid !== fields.header.fromguid) {
    throw new ZfsFailure(`${what}: most recent snapshot of ${name} does not\nmatch incremental source`);
  }
  const dataset = addDataset(machine, name);
  dataset.written = 0;
  dataset.origin = origin;
  dataset.live = origin?.tree ?? emptyTree;
  dataset.partial = newPartial(fields, true);
}

/** False: the snapshot is here already. Forced, it goes back to the source first. */
function checkIncremental(
  dataset: Dataset,
  options: ReceiveOptions,
  beginning: Beginning,
  header: StreamHeader,
): boolean {
  const { what, short } = beginning;
  if (dataset.partial !== null) throw holdsPartial(beginning, dataset.partial);
  const source = dataset.snapshots.findIndex(({ guid }) => guid === header.fromguid);
  const newer = dataset.snapshots.slice(source + 1);
  const twin = dataset.snapshots.find((each) => each.short === short);
  if (twin !== undefined && !(options.force && newer.includes(twin))) {
    if (dataset.snapshots.some(({ guid }) => guid === header.toguid)) return false;
    throw new ZfsFailure(`cannot restore to ${dataset.name}@${short}: destination already exists`);
  }
  if (source < 0) {
    throw new ZfsFailure(
      `${what}: most recent snapshot of ${dataset.name} does not\nmatch incremental source`,
    );
  }
  const modified = dataset.written > 0 || newer.some(({ written }) => written > 0);
  if (modified && !options.force) {
    throw new ZfsFailure(
      `${what}: destination ${dataset.name} has been modified\nsince most recent snapshot`,
    );
  }
  if (options.force) goBack(dataset, newer, what);
  return true;
}

function goBack(dataset: Dataset, newer: readonly Snapshot[], what: string): void {
  if (newer.some(({ holds }) => holds.size > 0)) throw new ZfsFailure(`${what}: dataset is busy`);
  for (const each of [...newer].reverse()) destroySnapshot(each);
  revertToHead(dataset);
}
