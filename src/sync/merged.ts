import type { Dataset, Snapshot } from '../zfs/version.ts';
import { findDoubled } from '../zfs/doubled.ts';
import { headOf } from './home-state.ts';

/** A snapshot of a branch, and the one of its home that has the same guid. */
export interface Twins {
  readonly branch: Snapshot;
  readonly home: Snapshot;
}

/**
 * What the guids say of a dataset of a branch and the same one of its home. `no`: the home has not got the branch's newest version.
 * `unproven`: it has, but there is something in the branch that nothing at hand can be compared with. `twins`: each snapshot that
 * holds something has a twin, oldest first. A guid, a name and a time are whatever the stream said that brought them: only the
 * files of twins tell whether they are the same.
 */
export type Merged =
  | { readonly kind: 'no' }
  | { readonly kind: 'unproven' }
  | { readonly kind: 'twins'; readonly twins: readonly Twins[] };

/** Compares the lines of a dataset of a branch and of the same one of its home. Pure. */
export function mergedInto(branch: Dataset, home: Dataset | undefined): Merged {
  const head = headOf(branch);
  if (head === null || home === undefined || branch.resumeToken !== null) return { kind: 'no' };
  if (![...home.snapshots, ...home.bookmarks].some(({ guid }) => guid === head.guid)) return { kind: 'no' };
  // Somebody has mounted it and written to it: that is in no snapshot.
  const isAtHead = branch.written === 0n;
  const doubled = findDoubled(branch.snapshots) ?? findDoubled(home.snapshots);
  if (!isAtHead || doubled !== null) return { kind: 'unproven' };
  const byGuid = new Map(home.snapshots.map((one) => [one.guid, one]));
  const twins: Twins[] = [];
  for (const one of branch.snapshots) {
    // ZFS counts this itself: what has nothing written to it is what the one before is.
    if (one.written === 0n && one !== head) continue;
    const twin = byGuid.get(one.guid);
    if (twin === undefined) return { kind: 'unproven' };
    twins.push({ branch: one, home: twin });
  }
  return { kind: 'twins', twins };
}
