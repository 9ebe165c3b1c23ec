import { isRoamhomeError, type RoamhomeError } from '../../errors/errors.ts';
import { examineHome, type Before } from './examine.ts';
import {
  afterSnapshot,
  datasetsToSnapshot,
  isOutOfDate,
  needsSnapshot,
  type HomeState,
} from '../../sync/home-state.ts';
import { snapshotNameAt } from '../../sync/snapshot-name.ts';
import type { DatasetName, SnapshotName } from '../../zfs/names.ts';
import { guardOf } from '../mount/session-guard.ts';
import { makeSnapshots, nameTooLong, snapshotAt } from './make-snapshots.ts';
import { observeLocal } from '../observing.ts';
import { recoverHome } from '../diverged/recovering.ts';
import { homeProperties, type Session } from '../session.ts';

export interface Secured {
  /**
   * As it is after the snapshot. Unless that was read back it has no guid yet that another side could know. null: this Mac has
   * no such home.
   */
  readonly home: HomeState | null;
  /** The short name of the snapshot that was made; null: no file of the user's had changed. */
  readonly snapshot: string | null;
  /** `no-snapshot`, for each dataset that needed one and has none; all others have theirs. */
  readonly missed: readonly RoamhomeError[];
  /** The intent log was not replayed, so that only what `written` shows is known. Default: false. */
  readonly isUnproven?: boolean;
}

/**
 * Puts everything of the home that is in no snapshot into one: all datasets of the home at one instant. `before`:
 * what is known of how it was unmounted. Throws `no-snapshot`, and what keeps the home from being looked at.
 */
export async function secureChanges(session: Session, before: Before): Promise<Secured> {
  const home = await judgeChanges(session, before);
  return home === null ? { home, snapshot: null, missed: [] } : takeSnapshot(session, home);
}

/** What changed since the newest snapshots, after finishing a set-aside that a crash cut short. null: no such home. */
export async function judgeChanges(session: Session, before: Before): Promise<HomeState | null> {
  session.onProgress({ kind: 'activity', activity: 'listing' });
  const examine = (): Promise<HomeState | null> =>
    examineHome(session.local, session.localHome, {
      tokenReader: session.local,
      properties: homeProperties(session),
      before,
      files: session.files,
      guard: guardOf(session),
      sleep: session.sleep,
      signal: session.signal,
    });
  const home = await examine();
  return (await recoverHome(session, home)) ? examine() : home;
}

/** What a snapshot would be made of, and what needs one but has too long a name for any. Pure. */
export function planSnapshot(
  { config, now }: Session,
  home: HomeState,
): { readonly datasets: ReturnType<typeof datasetsToSnapshot>; readonly missed: readonly RoamhomeError[] } {
  const short = snapshotNameAt(now(), config.local.macName);
  const fitting = home.datasets.filter(({ name }) => snapshotAt(name, short) !== null);
  const others = home.datasets.filter((dataset) => !fitting.includes(dataset) && needsSnapshot(dataset));
  return {
    datasets: datasetsToSnapshot({ ...home, datasets: fitting }),
    missed: others.map(({ name }) => nameTooLong(name)),
  };
}

/**
 * One snapshot of all datasets of the home at one instant, if one of them needs it. Mounts nothing, and looks at nothing unless a mount
 * may have written what the home's state does not show: then the snapshot is read back. One dataset that cannot have it keeps no other from it. Throws `no-snapshot` where none could be made.
 */
export async function takeSnapshot(
  session: Session,
  home: HomeState,
): Promise<Secured & { readonly home: HomeState }> {
  const { datasets, missed } = planSnapshot(session, home);
  if (datasets.length === 0) return { home, snapshot: null, missed };
  session.onProgress({ kind: 'activity', activity: 'snapshotting' });
  const made = await makeSnapshots(session, datasets);
  const after = afterSnapshot(home, made.names);
  return {
    home: isOutOfDate(home, made.names) ? await readBack(session, after, made.names) : after,
    snapshot: made.short,
    missed: [...missed, ...made.missed],
  };
}

/** With the snapshots as zfs has them. Where they cannot be read, each that may have something counts as if it had. */
async function readBack(
  session: Session,
  after: HomeState,
  made: ReadonlyMap<DatasetName, SnapshotName>,
): Promise<HomeState> {
  const { log, user } = session;
  try {
    const now = await observeLocal(session, 'ignore');
    const datasets = after.datasets.map((dataset) =>
      made.has(dataset.name) ? (now?.datasets.find(({ name }) => name === dataset.name) ?? dataset) : dataset,
    );
    return { ...after, datasets };
  } catch (error) {
    if (!isRoamhomeError(error)) throw error;
    log.warn('snapshot-not-read-back', { user, dataset: after.root, error });
    return after;
  }
}
