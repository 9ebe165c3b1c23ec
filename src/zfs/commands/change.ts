import { noOutput, type ZfsCommand } from '../command.ts';
import { snapshotOf, type DatasetName, type SnapshotName } from '../names.ts';

/** One atomic snapshot, of the same instant in every dataset named. */
export function snapshot(datasets: readonly DatasetName[], short: string): ZfsCommand<void> {
  return snapshotAs(datasets.map((dataset) => snapshotOf(dataset, short)));
}

/** The same by names that may differ: zfs wants one of each dataset, and all in one pool. */
export function snapshotAs(names: readonly SnapshotName[]): ZfsCommand<void> {
  return { argv: ['zfs', 'snapshot', ...names], mutates: true, parse: noOutput };
}

/** To the newest snapshot only: without -r, zfs itself refuses when there is a newer one. */
export function rollbackToHead(head: SnapshotName): ZfsCommand<void> {
  return { argv: ['zfs', 'rollback', head], mutates: true, parse: noOutput };
}

export function setProperties(
  dataset: DatasetName,
  properties: Readonly<Record<string, string>>,
): ZfsCommand<void> {
  const pairs = Object.entries(properties).map(([name, value]) => `${name}=${value}`);
  return { argv: ['zfs', 'set', ...pairs, dataset], mutates: true, parse: noOutput };
}

/** Gives up a property that was set. Only a user property's name has a colon: native ones are not for sync to reset. */
export function inheritProperty(dataset: DatasetName, property: `${string}:${string}`): ZfsCommand<void> {
  return { argv: ['zfs', 'inherit', property, dataset], mutates: true, parse: noOutput };
}

/** From where the property keylocation says; one that would have to be typed in cannot be loaded. */
export function loadKey(encryptionRoot: DatasetName): ZfsCommand<void> {
  return { argv: ['zfs', 'load-key', encryptionRoot], mutates: true, parse: noOutput };
}

/** Gives a dataset that has its key from above one of its own, which makes it an encryption root; the key it has must be loaded. */
export function changeKey(
  dataset: DatasetName,
  { keyformat, keylocation }: { readonly keyformat: string; readonly keylocation: string },
): ZfsCommand<void> {
  const own = ['-o', `keyformat=${keyformat}`, '-o', `keylocation=${keylocation}`];
  return { argv: ['zfs', 'change-key', ...own, dataset], mutates: true, parse: noOutput };
}

export function mount(dataset: DatasetName): ZfsCommand<void> {
  return { argv: ['zfs', 'mount', dataset], mutates: true, parse: noOutput };
}

/**
 * Writes nothing to the dataset, but has ZFS replay its intent log after a crash. No file in it gives rights, whatever the
 * dataset's properties say: a line that was set aside, or a view, may have none of a home's.
 */
export function mountReadOnly(dataset: DatasetName): ZfsCommand<void> {
  return { argv: ['zfs', 'mount', '-o', 'ro,nosuid,nodev', dataset], mutates: true, parse: noOutput };
}

/**
 * For a dataset that is mounted read-only. A remount goes by the properties, not by what it was mounted with (seen on 2.3.2), so that it says
 * again that no file gives rights.
 */
export function remountWritable(dataset: DatasetName): ZfsCommand<void> {
  return { argv: ['zfs', 'mount', '-o', 'remount,rw,nosuid,nodev', dataset], mutates: true, parse: noOutput };
}

/** Back to that; busy where a program has a file open to write. */
export function remountReadOnly(dataset: DatasetName): ZfsCommand<void> {
  return { argv: ['zfs', 'mount', '-o', 'remount,ro,nosuid,nodev', dataset], mutates: true, parse: noOutput };
}

export function unmount(dataset: DatasetName, options: { readonly force: boolean }): ZfsCommand<void> {
  return {
    argv: ['zfs', 'unmount', ...(options.force ? ['-f'] : []), dataset],
    mutates: true,
    parse: noOutput,
  };
}
