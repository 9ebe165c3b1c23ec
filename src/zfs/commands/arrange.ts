import { noOutput, type ZfsCommand } from '../command.ts';
import type { DatasetName, SnapshotName } from '../names.ts';

/**
 * A dataset for others to be in: never mounted, and no file below it gives rights. One that is there already is left as it
 * is (-p).
 */
export function createContainer(
  dataset: DatasetName,
  properties: Readonly<Record<string, string>> = {},
): ZfsCommand<void> {
  const options = optionWords({
    ...{ canmount: 'off', mountpoint: 'none', setuid: 'off', devices: 'off' },
    ...properties,
  });
  return { argv: ['zfs', 'create', '-p', ...options, dataset], mutates: true, parse: noOutput };
}

function optionWords(properties: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(properties).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

/** A new dataset with the snapshot's content; nothing is copied. */
export function clone(
  from: SnapshotName,
  to: DatasetName,
  properties: Readonly<Record<string, string>>,
): ZfsCommand<void> {
  return { argv: ['zfs', 'clone', ...optionWords(properties), from, to], mutates: true, parse: noOutput };
}

/** Turns a clone and its origin round: the origin's older snapshots become the clone's. */
export function promote(dataset: DatasetName): ZfsCommand<void> {
  return { argv: ['zfs', 'promote', dataset], mutates: true, parse: noOutput };
}

/** With all below it. Mounts nothing at the new place (-u). */
export function rename(from: DatasetName, to: DatasetName): ZfsCommand<void> {
  return { argv: ['zfs', 'rename', '-u', from, to], mutates: true, parse: noOutput };
}
