import type { Argv } from '../../host/host.ts';
import type { DatasetName, SnapshotName } from '../names.ts';

/** A line for each path that differs between the snapshot and the dataset as it is now; none: no file differs. */
export function diffArgv(since: SnapshotName, dataset: DatasetName): Argv {
  return ['zfs', 'diff', '-H', since, dataset];
}
