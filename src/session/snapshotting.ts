import { randomInt } from 'node:crypto';
import { isRoamhomeError } from '../errors/errors.ts';
import { examineHome, type Before } from '../replication/examine.ts';
import { afterSnapshot, datasetsToSnapshot, type HomeState } from '../replication/home-state.ts';
import { nextSnapshotName, snapshotNameAt } from '../replication/snapshot-name.ts';
import { snapshot } from '../zfs/commands/change.ts';
import { snapshotOf } from '../zfs/names.ts';
import { recoverHome } from './recovering.ts';
import { homeProperties, type Session } from './session.ts';

export interface Secured {
  /**
   * As it is after the snapshot, which was not read back: it has no guid yet that another side could know. null:
   * this Mac has no such home.
   */
  readonly home: HomeState | null;
  /** The short name of the snapshot that was made; null: no file of the user's had changed. */
  readonly snapshot: string | null;
  /** The intent log was not replayed, so that only what `written` shows is known. Default: false. */
  readonly isUnproven?: boolean;
}

/**
 * Puts everything of the home that is in no snapshot into one: all datasets of the home at one instant. `before`:
 * what is known of how it was unmounted.
 */
export async function secureChanges(session: Session, before: Before): Promise<Secured> {
  session.onProgress({ kind: 'activity', activity: 'listing' });
  const examine = (): Promise<HomeState | null> =>
    examineHome(session.local, session.localHome, {
      tokenReader: session.local,
      properties: homeProperties(session),
      before,
      files: session.files,
      signal: session.signal,
    });
  let home = await examine();
  if (await recoverHome(session, home)) home = await examine();
  if (home === null) return { home, snapshot: null };
  return takeSnapshot(session, home);
}

/** One snapshot of all datasets of the home at one instant, if one of them needs it. Looks at nothing, mounts nothing. */
export async function takeSnapshot(
  session: Session,
  home: HomeState,
): Promise<Secured & { readonly home: HomeState }> {
  const datasets = datasetsToSnapshot(home);
  if (datasets.length === 0) return { home, snapshot: null };
  session.onProgress({ kind: 'activity', activity: 'snapshotting' });
  const { macName } = session.config.local;
  const instant = session.now();
  let short = snapshotNameAt(instant, macName);
  try {
    await session.local.run(snapshot(datasets, short), { signal: session.signal });
  } catch (error) {
    // Two in one millisecond, or a clock set back to the very instant: any other name will do.
    if (!isRoamhomeError(error, 'dataset-exists')) throw error;
    short = nextSnapshotName(instant, macName, randomInt);
    await session.local.run(snapshot(datasets, short), { signal: session.signal });
  }
  session.log.info('snapshot-made', { user: session.user, dataset: session.localHome, snapshot: short });
  return { home: afterSnapshot(home, datasets, (dataset) => snapshotOf(dataset, short)), snapshot: short };
}
