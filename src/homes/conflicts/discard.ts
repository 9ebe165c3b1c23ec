import { removeSeen } from '../../zfs/remove-seen.ts';
import { listOrigins } from '../../zfs/commands/list.ts';
import { likenessOf, type Contents } from '../../sync/likeness.ts';
import { mergedInto } from '../../sync/merged.ts';
import type { DatasetName, Guid } from '../../zfs/names.ts';
import type { SyncZfs } from '../../zfs/sync-zfs.ts';
import { readSide } from './conflict-details.ts';
import { planDiscard, type DiscardPlan } from './discard-plan.ts';

export interface DiscardOptions {
  /** Where the conflict is to be destroyed, as root. */
  readonly zfs: SyncZfs;
  readonly conflictsRoot: DatasetName;
  readonly conflict: DatasetName;
  /** The snapshots that are kept somewhere else; null: that is not known. */
  readonly elsewhere: ReadonlySet<Guid> | null;
  /** Asks a person, who has been told what is lost. Only `true` destroys anything. */
  readonly confirm: (plan: DiscardPlan) => Promise<boolean>;
  readonly signal: AbortSignal;
}

/**
 * Destroys a conflict with its snapshots and what is below it, and nothing else: what came to it after the person was
 * asked makes zfs refuse. One of the places that destroy a dataset: see only-tending-removes in .dependency-cruiser.cjs. null: the person
 * did not want it.
 */
export async function discardConflict(options: DiscardOptions): Promise<DiscardPlan | null> {
  const { zfs, conflict, conflictsRoot, elsewhere, signal } = options;
  const side = await readSide(zfs, conflict, { side: 'mac', signal });
  const [pool = ''] = conflict.split('/');
  const origins = await zfs.run(listOrigins(pool), { signal });
  const plan = planDiscard(conflict, side, { conflictsRoot, origins, elsewhere });
  if (!(await options.confirm(plan))) return null;
  await removeSeen(zfs, plan.datasets, signal);
  return plan;
}

/**
 * The snapshots of a conflict on the server that its home holds too, as `tend` has seen when it compared them: that the home has
 * their guids is what a client wrote.
 */
export async function comparedGuids(
  zfs: SyncZfs,
  {
    conflict,
    home,
    contents,
  }: { readonly conflict: DatasetName; readonly home: DatasetName; readonly contents: Contents },
  signal: AbortSignal,
): Promise<ReadonlySet<Guid>> {
  const list = async (root: DatasetName) => (await zfs.listTree(root, [], { signal })) ?? [];
  const [branches, homes] = [await list(conflict), await list(home)];
  return new Set(
    branches.flatMap((branch) => {
      const own = homes.find(({ name }) => name === home + branch.name.slice(conflict.length));
      const merged = mergedInto(branch, own);
      if (merged.kind !== 'twins') return [];
      // With those that hold nothing of their own.
      return likenessOf(merged.twins, contents) === 'same' ? branch.snapshots.map(({ guid }) => guid) : [];
    }),
  );
}

/** The snapshots of some datasets and of all below them: what a side keeps of a conflict, by its guids. */
export async function keptGuids(
  zfs: SyncZfs,
  roots: readonly DatasetName[],
  signal: AbortSignal,
): Promise<ReadonlySet<Guid>> {
  const guids = new Set<Guid>();
  for (const root of roots) {
    for (const { snapshots } of (await zfs.listTree(root, [], { signal })) ?? [])
      for (const { guid } of snapshots) guids.add(guid);
  }
  return guids;
}
