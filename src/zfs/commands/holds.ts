import { noOutput, type ZfsCommand } from '../command.ts';
import { parseSnapshotName, type SnapshotName } from '../names.ts';
import { linesOf, outputUnknown } from '../parse.ts';

/** The tag of the holds that thinning sets. Those with other tags are not Roamhome's. */
export const holdTag = 'roamhome';

export interface Hold {
  readonly snapshot: SnapshotName;
  readonly tag: string;
}

/** Keeps snapshots from being destroyed, by a forced receive too. Taken off by `releaseSnapshots` (remove.ts). */
export function holdSnapshots(tag: string, snapshots: readonly SnapshotName[]): ZfsCommand<void> {
  return { argv: ['zfs', 'hold', tag, ...snapshots], mutates: true, parse: noOutput };
}

/** The holds of snapshots. */
export function listHolds(snapshots: readonly SnapshotName[]): ZfsCommand<readonly Hold[]> {
  return {
    argv: ['zfs', 'holds', '-H', ...snapshots],
    mutates: false,
    parse: (stdout) =>
      linesOf(stdout).map((line) => {
        const [name = '', tag, since, ...more] = line.split('\t');
        if (tag === undefined || since === undefined || more.length > 0) throw outputUnknown('a hold', line);
        return { snapshot: parseSnapshotName(name), tag };
      }),
  };
}
