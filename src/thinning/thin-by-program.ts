import type { Log } from '../log/log.ts';
import { departingWords, thinSnapshots, type Departing } from '../zfs/commands/remove.ts';
import type { DatasetName, SnapshotName } from '../zfs/names.ts';
import { ENOENT } from '../zfs/thinning-program.ts';
import { attempt, type Runner } from './attempt.ts';
import { inPiecesOf } from './in-pieces.ts';

export interface ProgramReport {
  readonly destroyed: readonly SnapshotName[];
  /** Those that it could not thin, or of which that is not known. */
  readonly left: readonly Departing[];
}

/**
 * Thins a dataset by a channel program, which leaves the bookmarks of hundreds of snapshots and destroys these in one
 * transaction group. Where there are no programs all are left. Throws `cancelled`, and what is no RoamhomeError.
 */
export async function thinByProgram(
  dataset: DatasetName,
  going: readonly Departing[],
  { log, ...runner }: Runner & { readonly log: Log },
): Promise<ProgramReport> {
  const destroyed: SnapshotName[] = [];
  const left: Departing[] = [];
  // Newest first: else ZFS corrects, with each that goes, the bookmarks of all that went just before it.
  // What fits into a command is far below the limits of a program: 10 MB and 10 million instructions.
  for (const piece of inPiecesOf([...going].reverse(), departingWords)) {
    const { value: results, problem } = await attempt(thinSnapshots(dataset, piece), runner);
    if (results === null)
      log.info('thinning-one-by-one', { dataset, snapshots: piece.length, error: problem });
    for (const [i, one] of piece.entries()) {
      const result = results?.[i];
      if (result === 0) destroyed.push(one.snapshot);
      // What is gone has been destroyed by somebody else.
      else if (result !== ENOENT) left.push(one);
    }
  }
  return { destroyed: destroyed.reverse(), left: left.reverse() };
}
