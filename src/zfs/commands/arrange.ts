import { noOutput, type ZfsCommand } from '../command.ts';
import type { DatasetName, SnapshotName } from '../names.ts';

/** A dataset for others to be in: never mounted. One that is there already is left as it is (-p). */
export function createContainer(dataset: DatasetName): ZfsCommand<void> {
  return {
    argv: ['zfs', 'create', '-p', '-o', 'canmount=off', '-o', 'mountpoint=none', dataset],
    mutates: true,
    parse: noOutput,
  };
}

/** A new dataset with the snapshot's content; nothing is copied. */
export function clone(
  from: SnapshotName,
  to: DatasetName,
  properties: Readonly<Record<string, string>>,
): ZfsCommand<void> {
  const options = Object.entries(properties).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  return { argv: ['zfs', 'clone', ...options, from, to], mutates: true, parse: noOutput };
}

/** Turns a clone and its origin round: the origin's older snapshots become the clone's. */
export function promote(dataset: DatasetName): ZfsCommand<void> {
  return { argv: ['zfs', 'promote', dataset], mutates: true, parse: noOutput };
}

/** With all below it. Mounts nothing at the new place (-u). */
export function rename(from: DatasetName, to: DatasetName): ZfsCommand<void> {
  return { argv: ['zfs', 'rename', '-u', from, to], mutates: true, parse: noOutput };
}
