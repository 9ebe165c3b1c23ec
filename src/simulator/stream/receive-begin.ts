import { isAllowed } from '../delegation.ts';
import { ZfsFailure } from '../failure.ts';
import { addDataset, findSnapshot, type Call } from '../machine.ts';
import { headOf, parentOf, poolOf, type Dataset, type Partial, type Snapshot } from '../model.ts';
import { unmountTree } from '../mounting.ts';
import { demandRoomFor } from '../limits.ts';
import type { ReceiveOptions } from './receive-options.ts';
import { isOf } from '../properties.ts';
import { destroyDatasetTree, destroySnapshot } from '../removal.ts';
import { isFull } from '../space.ts';
import { revertToHead } from '../commands/snapshot.ts';
import type { StreamHeader } from './stream.ts';
import { emptyTree } from '../tree.ts';

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
  if (existing?.volsize === null && header.volsize !== null)
    throw new ZfsFailure(`${what}: invalid parent dataset`);
  if (header.volsize !== null) checkVolumeProperties(call, options, what, dataset);
  demandReceive(call, what, existing?.name ?? parentOf(dataset) ?? dataset, options.force);
  checkFeatures(call, options, header, beginning);
  checkKey(call, existing, beginning, header);
  if (!header.resuming) demandRoomFor(call, beginning, existing === undefined || isNew);
  const partial = { header, owner, resumable: options.resumable };
  if (header.resuming) {
    if (isFull(machine, dataset)) throw new ZfsFailure(`${what}: out of space`);
    takeUp(existing, beginning, header, owner);
  } else if (isFull(machine, dataset)) {
    throw new ZfsFailure(`${what}: out of space`);
  } else if (existing === undefined || isNew) {
    if (existing !== undefined) {
      unmountTree(machine, existing, true);
      destroyDatasetTree(machine, existing);
    }
    makeDataset(call, options, beginning, partial);
  } else if (!checkIncremental(existing, options, beginning, header)) {
    return { ...beginning, skip: true };
  } else {
    existing.partial = newPartial(partial, existing);
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
    const above = machine.datasets.get(parent);
    if (above?.volsize === null) return;
    if (above !== undefined) throw new ZfsFailure(`${what}: parent '${parent}' is not a filesystem`);
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

/** What is said of a volume before its stream is read: some properties it has not. */
function checkVolumeProperties(call: Call, options: ReceiveOptions, what: string, dataset: string): void {
  const wrong = [...options.properties.keys()].find((property) => !isOf({ volsize: 0 }, property));
  if (wrong !== undefined)
    throw new ZfsFailure(`${what}: property '${wrong}' does not apply to datasets of this type`);
  for (const property of options.excluded) {
    if (isOf({ volsize: 0 }, property)) continue;
    call.err(`Warning: ${dataset}: property '${property}' does not apply to datasets of this type\n`);
  }
}

/** A stream that is not raw is encrypted as it arrives, where the dataset is: that takes the key. */
function checkKey(
  { machine }: Call,
  existing: Dataset | undefined,
  { dataset, what }: Beginning,
  header: StreamHeader,
): void {
  if (header.raw !== null) return;
  const holder = existing ?? machine.datasets.get(parentOf(dataset) ?? '');
  if (holder?.encryptionRoot?.key?.loaded === false)
    throw new ZfsFailure(`${what}: inherited key must be loaded`);
}

/** EINVAL's text, which depends on the stream's flags and not on the reason (docs/zfs-behaviour.md). */
export function invalid(what: string, header: Pick<StreamHeader, 'flags'>): ZfsFailure {
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

/** `into` has it beside what it is; null: the dataset is made for it. */
function newPartial({ header, owner, resumable }: PartialFields, into: Dataset | null): Partial {
  const { toguid, fromguid, toname, flags } = header;
  const [newDataset, headGuid] = [into === null, (into === null ? undefined : headOf(into))?.guid ?? null];
  const fields = { toguid, fromguid, toname, flags, resumable, newDataset, headGuid, owner };
  return { id: owner, ...fields, chunks: [], bytes: 0 };
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
  const dataset = addDataset(machine, name, fields.header.volsize);
  if (origin !== null) dataset.encryptionRoot = origin.dataset.encryptionRoot;
  else if (fields.header.raw !== null) {
    dataset.key = { ...fields.header.raw.key, loaded: false };
    dataset.encryptionRoot = dataset;
    dataset.properties.set('keylocation', { value: 'prompt', source: 'local' });
  }
  dataset.written = 0;
  dataset.origin = origin;
  dataset.live = origin?.tree ?? emptyTree;
  dataset.partial = newPartial(fields, null);
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
  // A raw stream goes on from the newest snapshot alone (module/zfs/dmu_recv.c, recv_begin_check_existing_impl).
  const modified =
    dataset.written > 0 ||
    newer.some(({ written }) => written > 0) ||
    (header.raw !== null && newer.length > 0);
  if (modified && !options.force) {
    throw new ZfsFailure(
      `${what}: destination ${dataset.name} has been modified\nsince most recent snapshot`,
    );
  }
  if (options.force) goBack(dataset, newer, what);
  const from = dataset.snapshots.find(({ guid }) => guid === header.fromguid);
  if (header.raw !== null && from?.ivset !== header.raw.fromIvset)
    throw new ZfsFailure(
      `${what}: IV set guid mismatch. See the 'zfs receive' man page section\n discussing the limitations of raw encrypted send streams.`,
    );
  return true;
}

function goBack(dataset: Dataset, newer: readonly Snapshot[], what: string): void {
  if (newer.some(({ holds }) => holds.size > 0)) throw new ZfsFailure(`${what}: dataset is busy`);
  for (const each of [...newer].reverse()) destroySnapshot(each);
  revertToHead(dataset);
}
