import { isRoamhomeError, RoamhomeError } from '../../errors/errors.ts';
import type { Before } from './examine.ts';
import type { HomeState } from '../../sync/home-state.ts';
import { proveInUse } from './prove-in-use.ts';
import { syncProperty } from '../../sync/properties.ts';
import { listMountedAt, listSyncedNames } from '../../zfs/commands/list.ts';
import type { DatasetName } from '../../zfs/names.ts';
import { bounded } from './bounded.ts';
import { keepProof } from '../keep-proof.ts';
import { makeSnapshots, noSnapshot } from './make-snapshots.ts';
import { observeLocal } from '../observing.ts';
import { Findings } from '../report.ts';
import type { Session } from '../session.ts';
import { judgeChanges, takeSnapshot, type Secured } from './snapshotting.ts';
import { unmountHome } from '../mount/unmounting.ts';

/** What unmounting and comparing may take together: whatever they end with, the snapshot comes then. */
const judgingMs = 20_000;

/** A set-aside and a rollback take the home's name away between two of their commands. */
const nameless = { tries: 20, pauseMs: 500 } as const;

export interface AtLogout extends Secured {
  /** Nothing of the home is left outside of a snapshot, as far as this run can tell. */
  readonly isSecured: boolean;
}

/**
 * Unmounts the home, finds out what changed and snapshots it; where that fails or takes too long, all of the home is
 * snapshotted as it is. `inUse`: it is snapshotted as it is mounted. Under the user's lock. What fails is told. Never rejects.
 */
export async function secureAtLogout(
  session: Session,
  findings: Findings,
  { inUse }: { readonly inUse: boolean },
): Promise<AtLogout> {
  const judged = await findings.attempt(() =>
    bounded(judgingMs, session.signal, tookTooLong, async (signal) => {
      const hurried: Session = { ...session, signal };
      if (inUse) return { home: await judgeInUse(hurried) };
      const before = await unmountHome(hurried, { tries: 4, force: true }).catch((error: unknown): Before => {
        signal.throwIfAborted();
        findings.problem(error);
        return 'in-use';
      });
      return { home: await judgeChanges(hurried, before) };
    }),
  );
  if (judged === null) return secureUnjudged(session, findings);
  const secured = await secure(session, findings, judged.home);
  const { home, snapshot } = secured;
  if (snapshot === null && home !== null) await findings.attempt(() => keepProof(session, home));
  return secured;
}

/** Its changes, found out by reading alone. */
async function judgeInUse(session: Session): Promise<HomeState | null> {
  const home = await observeLocal(session, 'assume-files');
  return home === null ? null : proveInUse(session.local, home, session);
}

/**
 * The same while another run has the user's lock: nothing is mounted or unmounted, and what is mounted counts as changed. A
 * snapshot needs no lock (docs/adr/0025). Never rejects.
 */
export async function secureWithoutLock(session: Session, findings: Findings): Promise<AtLogout> {
  const calm = unhurried(session);
  for (let attempt = 1; attempt <= nameless.tries; attempt++) {
    const seen = await findings.attempt(async () => ({ home: await observeLocal(calm, 'assume-files') }));
    if (seen === null) break;
    if (seen.home !== null) {
      const tried = new Findings();
      const home = changed(seen.home, ({ mounted }) => mounted);
      const secured = await secure(calm, tried, home);
      // It had its name when it was listed, and has another since.
      if (!tried.problems.some(({ cause }) => isRoamhomeError(cause, 'dataset-missing'))) {
        findings.addAll(tried);
        return secured;
      }
    }
    const goesOn = await session.sleep(nameless.pauseMs).then(
      () => true,
      () => false,
    );
    if (!goesOn) break;
  }
  return secureByName(calm, findings);
}

/** A run that is to end takes its snapshot first. */
function unhurried(session: Session): Session {
  return { ...session, signal: new AbortController().signal };
}

async function secure(session: Session, findings: Findings, home: HomeState | null): Promise<AtLogout> {
  if (home === null) return { home, snapshot: null, missed: [], isSecured: true };
  const secured = await findings.attempt(() => takeSnapshot(unhurried(session), home));
  if (secured === null) return { home, snapshot: null, missed: [], isSecured: false };
  for (const error of secured.missed) findings.problem(error);
  return { ...secured, isSecured: secured.missed.length === 0 };
}

/** Its changes could not be judged: all that take part count as changed. */
async function secureUnjudged(session: Session, findings: Findings): Promise<AtLogout> {
  const calm = unhurried(session);
  const seen = await findings.attempt(async () => ({ home: await observeLocal(calm, 'assume-files') }));
  if (seen === null) return secureByName(calm, findings);
  return secure(calm, findings, seen.home === null ? null : changed(seen.home, () => true));
}

/** As if files had changed there: what programs have just written does not show yet, or nothing is known. */
function changed(home: HomeState, is: (dataset: HomeState['datasets'][number]) => boolean): HomeState {
  const datasets = home.datasets.map((dataset) =>
    is(dataset) ? { ...dataset, change: 'files' as const } : dataset,
  );
  return { ...home, datasets };
}

/** The home cannot be listed, or has another name for the moment: its datasets by name alone, or what the mount table names. */
async function secureByName(session: Session, findings: Findings): Promise<AtLogout> {
  const { local, localHome, mountpoint, signal } = session;
  const below = async (root: DatasetName): Promise<readonly DatasetName[] | null> => {
    try {
      const names = await local.run(listSyncedNames(root, syncProperty), { signal });
      return names.length === 0 ? null : names;
    } catch (error) {
      if (!isRoamhomeError(error)) throw error;
      return null;
    }
  };
  const tried = await findings.attempt(async () => {
    let names = await below(localHome);
    if (names === null) {
      const mounted = await local.run(listMountedAt(mountpoint), { signal }).catch((error: unknown) => {
        throw noSnapshot(localHome, error);
      });
      names = mounted === null ? null : ((await below(mounted)) ?? [mounted]);
    }
    return { made: names === null ? null : await makeSnapshots(session, names) };
  });
  const nothing = { home: null, snapshot: null, missed: [] };
  if (tried === null) return { ...nothing, isSecured: false };
  const { made } = tried;
  if (made === null) return { ...nothing, isSecured: true };
  for (const error of made.missed) findings.problem(error);
  return { ...nothing, snapshot: made.short, missed: made.missed, isSecured: made.missed.length === 0 };
}

function tookTooLong(milliseconds: number): RoamhomeError {
  return new RoamhomeError({
    code: 'timed-out',
    message: `unmounting the home and comparing it took longer than ${milliseconds / 1000} s`,
    remedy: 'The home is snapshotted as it is. `roamhome doctor` says what keeps it busy.',
    retryable: true,
  });
}
