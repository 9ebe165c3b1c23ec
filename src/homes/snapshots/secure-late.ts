import type { HomeState } from '../../sync/home-state.ts';
import { keepProof } from '../keep-proof.ts';
import { observeLocal } from '../observing.ts';
import type { Findings } from '../report.ts';
import { roamingAccount } from '../roaming.ts';
import type { Session } from '../session.ts';
import { judgeChanges, takeSnapshot } from './snapshotting.ts';
import { unmountHome } from '../mount/unmounting.ts';

export interface SecuredLate {
  readonly home: HomeState | null;
  /** The home is at rest, and all of it is in snapshots; or its user works in it, and what was in it now is. */
  readonly isSecured: boolean;
}

/**
 * What a logout could not do: unmounts the home if nobody uses it any more, and snapshots what is in no snapshot. Of
 * a home in use the snapshot is made as it is mounted. Under the user's lock. What fails is told. Throws what keeps the
 * home from being looked at.
 */
export async function secureLate(session: Session, findings: Findings): Promise<SecuredLate> {
  let home = await observeLocal(session, 'assume-files');
  if (home === null) return { home, isSecured: true };
  const isMounted = home.datasets.some(({ mounted }) => mounted);
  const isUsed = isMounted && (await hasProcesses(session));
  let isAtRest = !isMounted;
  if (isMounted && !isUsed) {
    const before = await findings.attempt(() => unmountHome(session, { tries: 2, force: false }));
    isAtRest = before !== null;
  }
  if (isAtRest) home = (await judgeChanges(session, isMounted ? 'flushed' : 'unmounted')) ?? home;
  const unsecured = home;
  const secured = await findings.attempt(() => takeSnapshot(session, unsecured));
  if (secured === null) return { home, isSecured: false };
  for (const error of secured.missed) findings.problem(error);
  if (isAtRest && secured.snapshot === null && secured.missed.length === 0)
    await keepProof(session, secured.home);
  return { home: secured.home, isSecured: secured.missed.length === 0 && (isAtRest || isUsed) };
}

/** An unknown user may well work in their home. */
async function hasProcesses(session: Session): Promise<boolean> {
  const account = await roamingAccount(session).catch(() => null);
  if (account === null || typeof account === 'string') return true;
  return (await session.platform.countProcesses(account, session.signal)) > 0;
}
