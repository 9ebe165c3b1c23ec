import { isAllowed } from './delegation.ts';
import { ZfsFailure } from './failure.ts';
import { datasetsAtOrBelow, type Call, type Machine } from './machine.ts';
import { parentOf } from './model.ts';

/** What can be limited in a dataset and all below it; the dataset itself is not counted. */
export type Limited = 'snapshot' | 'filesystem';

/**
 * As `snapshot_count` and `filesystem_count` show it; `none`: no limit was ever set there or above. What is counted is what is there,
 * a partial included.
 */
export function countShown(machine: Machine, name: string, limited: Limited): string {
  for (let at: string | null = name; at !== null; at = parentOf(at))
    if (machine.datasets.get(at)?.properties.has(`${limited}_limit`) === true)
      return String(countBelow(machine, name, limited));
  return 'none';
}

function countBelow(machine: Machine, name: string, limited: Limited): number {
  const all = datasetsAtOrBelow(machine, name);
  return limited === 'filesystem'
    ? all.length - 1
    : all.reduce((sum, { snapshots }) => sum + snapshots.length, 0);
}

/** Limits hold for whoever may not change them, and so never for root (module/zfs/dsl_dir.c, dsl_enforce_ds_ss_limits). */
export function isOverLimit({ machine, user }: Call, name: string, limited: Limited, more = 1): boolean {
  if (user === 'root') return false;
  for (let at: string | null = name; at !== null; at = parentOf(at)) {
    const limit = machine.datasets.get(at)?.properties.get(`${limited}_limit`)?.value ?? 'none';
    if (limit === 'none' || isAllowed(machine, user, at, `${limited}_limit`)) continue;
    if (countBelow(machine, at, limited) + more > Number(limit)) return true;
  }
  return false;
}

/** Before a receive takes a byte: the snapshot that is to come, and the dataset if it is to be made. */
export function demandRoomFor(
  call: Call,
  { dataset, what }: { readonly dataset: string; readonly what: string },
  isNew: boolean,
): void {
  const above = parentOf(dataset) ?? dataset;
  if (
    isOverLimit(call, isNew ? above : dataset, 'snapshot') ||
    (isNew && isOverLimit(call, above, 'filesystem'))
  )
    throw new ZfsFailure(`${what}: destination ${dataset} space quota exceeded.`);
}
