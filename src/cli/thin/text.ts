import { isoTime } from '../../format/time.ts';
import { reasonInWords } from '../../thinning/describe-thinning.ts';
import type { HoldReport } from '../../thinning/hold-heads.ts';
import type { HoldPlan } from '../../thinning/plan-holds.ts';
import type { PlannedDataset } from '../../thinning/plan-homes.ts';
import type { Destroyed, Kept } from '../../thinning/thin.ts';
import type { ThinReport } from '../../thinning/thin-homes.ts';
import type { JsonDocument } from '../framework/context.ts';
import type { ThinnableSnapshot } from '../../zfs/commands/list-thinnable.ts';

/** What would become of a dataset, and the bytes that this frees; null: zfs cannot tell. */
export interface Explained {
  readonly plan: PlannedDataset;
  readonly freed: bigint | null;
}

/** Numbers of bytes beyond 2^53 do not occur: that is 8 PiB. Pure. */
export function explainedToJson(plans: readonly Explained[], holds: HoldPlan): JsonDocument {
  const told = ({
    snapshot: { name, guid, creation, used },
    reasons,
  }: Kept<ThinnableSnapshot> | Destroyed<ThinnableSnapshot>) => ({
    name,
    guid,
    creation: isoTime(creation * 1000),
    usedBytes: Number(used),
    reasons: reasons.map(reasonInWords),
  });
  const datasets = plans.map(({ plan, freed }) => ({
    dataset: plan.dataset,
    freedBytes: freed === null ? null : Number(freed),
    keep: plan.kept.map(told),
    go: plan.destroyed.map(told),
    expiredBookmarks: plan.expired,
  }));
  return { dryRun: true, datasets, ...holds };
}

/** Pure. */
export function thinnedToJson(
  { datasets, inUse, future }: ThinReport,
  holds: HoldReport | null,
  problems: readonly Error[],
): JsonDocument {
  return {
    destroyed: datasets.flatMap(({ destroyed }) => destroyed),
    expiredBookmarks: datasets.reduce((sum, { forgotten }) => sum + forgotten, 0),
    inUse,
    warnings: future,
    held: holds?.held ?? 0,
    released: holds?.released ?? 0,
    problems,
  };
}

/** For people; one line, and one for each home in use. Pure. */
export function summariseThinning(
  { datasets, inUse }: ThinReport,
  holds: HoldReport | null,
  problems: readonly Error[],
): string {
  const snapshots = datasets.reduce((sum, { destroyed }) => sum + destroyed.length, 0);
  const bookmarks = datasets.reduce((sum, { forgotten }) => sum + forgotten, 0);
  const held = holds === null || holds.held === 0 ? '' : `, ${holds.held} newest snapshots held`;
  return [
    ...inUse.map((user) => `${user}: left for the next time, a login, a logout or a push is at it`),
    `thin: ${snapshots} snapshots and ${bookmarks} old bookmarks destroyed${held}, ${problems.length} problems`,
  ].join('\n');
}
