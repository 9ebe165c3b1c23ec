import { RoamhomeError } from '../../errors/errors.ts';
import { conflictUser } from '../diverged/conflict-user.ts';
import type { DatasetName, Guid } from '../../zfs/names.ts';
import { seenDatasets, type SeenDataset } from '../../zfs/seen-dataset.ts';
import type { Dataset } from '../../zfs/version.ts';
import { firstAndLast, snapshotsOf, usedBytes, type ConflictSide } from './conflict-details.ts';
import { conflictMissing } from './conflict-tree.ts';

/** Whether somebody else has the snapshots too: `all`, `some`, `none`; `unknown`: the other side was not asked. */
export type Elsewhere = 'all' | 'some' | 'none' | 'unknown';

/** What a discard would destroy, and what is lost with it. */
export interface DiscardPlan {
  readonly dataset: DatasetName;
  readonly user: string;
  /** Deepest first. */
  readonly datasets: readonly SeenDataset[];
  readonly snapshots: number;
  readonly usedBytes: number;
  /** Written since the newest snapshots, and so in no snapshot at all. */
  readonly unsnapshottedBytes: number;
  /** Seconds since the epoch; null: it has no snapshot, as its first stream was interrupted. */
  readonly since: number | null;
  readonly newest: number | null;
  readonly elsewhere: Elsewhere;
}

/** A dataset and the snapshot that it hangs on; `-`: none. */
export interface OriginOf {
  readonly name: DatasetName;
  readonly origin: string;
}

/**
 * What is to be destroyed. Throws `dataset-missing` for what is no conflict right below the root, `dataset-busy` for one
 * that is mounted, or that something hangs on. `elsewhere`: the snapshots that the other side has; null: unknown. Pure.
 */
export function planDiscard(
  name: DatasetName,
  side: ConflictSide | null,
  options: {
    readonly conflictsRoot: DatasetName;
    readonly origins: readonly OriginOf[];
    readonly elsewhere: ReadonlySet<Guid> | null;
  },
): DiscardPlan {
  const root = side?.datasets[0];
  const user = root === undefined ? null : conflictUser(root);
  const isRightBelow = name.slice(0, name.lastIndexOf('/')) === options.conflictsRoot;
  if (side === null || root?.name !== name || user === null || !isRightBelow) throw conflictMissing(name);
  const own = (dataset: string): boolean => dataset === name || dataset.startsWith(`${name}/`);
  const mounted = side.datasets.find((dataset) => dataset.mounted);
  if (mounted !== undefined)
    throw busy(mounted, `it is mounted at ${mounted.properties['mountpoint'] ?? '-'}`);
  const clone = options.origins.find(
    ({ name: other, origin }) => !own(other) && own(origin.split('@')[0] ?? ''),
  );
  if (clone !== undefined) throw hangsOn(name, clone);
  const snapshots = snapshotsOf(side);
  return {
    dataset: name,
    user,
    datasets: seenDatasets(side.datasets),
    snapshots: snapshots.length,
    usedBytes: usedBytes(side),
    unsnapshottedBytes: side.datasets.reduce((sum, { written }) => sum + Number(written), 0),
    ...firstAndLast(snapshots.map(({ creation }) => creation)),
    elsewhere: elsewhereOf(
      snapshots.map(({ guid }) => guid),
      options.elsewhere,
    ),
  };
}

function elsewhereOf(guids: readonly Guid[], others: ReadonlySet<Guid> | null): Elsewhere {
  if (others === null) return 'unknown';
  const shared = guids.filter((guid) => others.has(guid)).length;
  return shared === 0 ? 'none' : shared === guids.length ? 'all' : 'some';
}

function busy({ name }: Dataset, why: string): RoamhomeError {
  return new RoamhomeError({
    code: 'dataset-busy',
    message: `${name} is in use: ${why}`,
    remedy: `Unmount it first (\`zfs unmount ${name}\`); nothing was destroyed.`,
  });
}

function hangsOn(name: DatasetName, { name: clone, origin }: OriginOf): RoamhomeError {
  return new RoamhomeError({
    code: 'dataset-busy',
    message: `${clone} is a clone of ${origin}: ${name} cannot go before it`,
    remedy:
      'If it is a home, the next login on this Mac makes it independent. Else `zfs promote` it; nothing was destroyed.',
  });
}
