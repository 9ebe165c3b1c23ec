import { isRoamhomeError, type RoamhomeError } from '../errors/errors.ts';
import type { Log } from '../log/log.ts';
import { holdSnapshots, holdTag, listHolds, type Hold } from '../zfs/commands/holds.ts';
import { listThinnable, type ThinnableDataset } from '../zfs/commands/list-thinnable.ts';
import { listPermissions } from '../zfs/commands/permissions.ts';
import { releaseSnapshots } from '../zfs/commands/remove.ts';
import type { ZfsCommand } from '../zfs/command.ts';
import type { DatasetName, SnapshotName } from '../zfs/names.ts';
import type { SyncZfs } from '../zfs/sync-zfs.ts';
import { inPieces } from './in-pieces.ts';
import { needsHolds, planHolds, withoutThoseOf, type HoldPlan } from './plan-holds.ts';

/** What protecting the newest snapshots works with, on the server. */
export interface HoldJob {
  readonly zfs: SyncZfs;
  readonly homesRoot: DatasetName;
  readonly conflictsRoot: DatasetName;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export interface HoldReport {
  readonly held: number;
  readonly released: number;
  readonly problems: readonly RoamhomeError[];
}

/** What is to be held and released now, of the homes as they were listed and of the branches beside them. Changes nothing. */
export async function planHeads(
  { zfs, homesRoot, conflictsRoot, signal }: HoldJob,
  homes: readonly ThinnableDataset[],
): Promise<HoldPlan> {
  const ofHomes = await planBelow(zfs, homesRoot, homes, signal);
  const branches = await listBranches(zfs, conflictsRoot, signal);
  const ofBranches = branches === null ? none : await planBelow(zfs, conflictsRoot, branches, signal);
  return {
    hold: [...ofHomes.hold, ...ofBranches.hold],
    release: [...ofHomes.release, ...ofBranches.release],
  };
}

const none: HoldPlan = { hold: [], release: [] };

async function planBelow(
  zfs: SyncZfs,
  root: DatasetName,
  datasets: readonly ThinnableDataset[],
  signal: AbortSignal,
): Promise<HoldPlan> {
  const permissions = await zfs.run(listPermissions(root), { signal });
  const held = datasets.flatMap(({ snapshots }) =>
    snapshots.filter(({ isHeld }) => isHeld).map(({ name }) => name),
  );
  const holds: Hold[] = [];
  for (const names of inPieces(held)) holds.push(...(await zfs.run(listHolds(names), { signal })));
  return planHolds(datasets, holds, needsHolds(permissions));
}

/** null: there is no place for branches. */
async function listBranches(
  zfs: SyncZfs,
  root: DatasetName,
  signal: AbortSignal,
): Promise<readonly ThinnableDataset[] | null> {
  try {
    const listed = await zfs.run(listThinnable(root), { signal });
    return listed.filter(({ name }) => name !== root);
  } catch (error) {
    if (!isRoamhomeError(error, 'dataset-missing')) throw error;
    return null;
  }
}

/**
 * On a server whose Macs could roll back with `receive -F`, has root hold the newest snapshot of each home and branch, and lets go
 * of the one before; elsewhere lets go of what it held. The new one is held before the old one is released. Throws
 * `cancelled`, and what the lists throw.
 */
export async function holdHeads(job: HoldJob, homes: readonly ThinnableDataset[]): Promise<HoldReport> {
  const { zfs, log, signal } = job;
  const plan = await planHeads(job, homes);
  const problems: RoamhomeError[] = [];
  /** Gives back those for which it did not work. */
  const each = async (
    names: readonly SnapshotName[],
    command: (tag: string, names: readonly SnapshotName[]) => ZfsCommand<void>,
  ): Promise<readonly SnapshotName[]> => {
    const failed: SnapshotName[] = [];
    for (const piece of inPieces(names)) {
      try {
        await zfs.run(command(holdTag, piece), { signal });
      } catch (error) {
        if (!isRoamhomeError(error) || error.code === 'cancelled') throw error;
        problems.push(error);
        failed.push(...piece);
      }
    }
    return failed;
  };
  const unheld = await each(plan.hold, holdSnapshots);
  const release = withoutThoseOf(plan.release, unheld);
  const kept = await each(release, releaseSnapshots);
  const [held, released] = [plan.hold.length - unheld.length, release.length - kept.length];
  if (held + released > 0) log.info('heads-held', { held, released, problems: problems.length });
  return { held, released, problems };
}
