import type { Dataset } from '../zfs/version.ts';
import { findDoubled } from '../zfs/doubled.ts';
import { headOf } from './home-state.ts';

/**
 * Whether a home's dataset has the line of a branch's. `unproven`: it has a version by the guid of the branch's newest snapshot, but
 * nothing of ZFS's own speaks for it: guid, name and time are whatever the stream said that brought it.
 */
export type Merged = 'merged' | 'unproven' | 'no';

/** So much a snapshot may hold without another having as much: what a mount writes. */
const slackBytes = 1n << 15n;

/**
 * Compares a dataset of a branch with the same one of its home. For the branch speak the same guid and time, a snapshot
 * that is still there, and as many bytes written to it, which ZFS counts itself. Pure.
 */
export function mergedInto(branch: Dataset, home: Dataset | undefined): Merged {
  const head = headOf(branch);
  if (head === null || home === undefined || branch.resumeToken !== null) return 'no';
  const isThere = [...home.snapshots, ...home.bookmarks].some(({ guid }) => guid === head.guid);
  if (!isThere) return 'no';
  const doubled = findDoubled(branch.snapshots) ?? findDoubled(home.snapshots);
  const twin = home.snapshots.find(({ guid }) => guid === head.guid);
  if (doubled !== null || twin === undefined || twin.creation !== head.creation) return 'unproven';
  // Half of it: what lies on other blocks may take other room.
  const isAsMuch = 2n * (twin.written + slackBytes) >= head.written;
  // What ends there but began elsewhere is another line.
  const known = new Map([...home.snapshots, ...home.bookmarks].map((one) => [one.guid, one.creation]));
  const isWhole = branch.snapshots.every(
    ({ guid, creation, written }) => written === 0n || known.get(guid) === creation,
  );
  return isAsMuch && isWhole ? 'merged' : 'unproven';
}
