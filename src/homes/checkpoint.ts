import { isRoamhomeError, RoamhomeError } from '../errors/errors.ts';
import { binarySize } from '../format/size.ts';
import { datasetsToSnapshot, type HomeState } from '../sync/home-state.ts';
import { limited } from '../sync/limited.ts';
import { proveInUse } from './snapshots/prove-in-use.ts';
import type { SyncResult } from './synchronise.ts';
import { tellConflict } from './diverged/conflict-report.ts';
import { tellLeft } from './tell-left.ts';
import { isInUse } from './homes-in-use.ts';
import { observeLocal } from './observing.ts';
import { conflictInWords, Findings, isConflict, isSent } from './report.ts';
import { roamingAccount } from './roaming.ts';
import type { Session } from './session.ts';
import { takeSnapshot, type Secured } from './snapshots/snapshotting.ts';
import { observeServer, syncWithServer } from './with-server.ts';

/** What became of a home that was in use. */
export interface CheckpointOutcome {
  readonly user: string;
  /**
   * `left-alone`: nothing was done, `reason` says why; `unchanged`: no file changed and nothing waits; `failed`: what is
   * in the home now is in no snapshot.
   */
  readonly outcome: 'left-alone' | 'unchanged' | 'sent' | 'still-pending' | 'failed';
  readonly reason: string | null;
  /** What was sent is on the server, but beside the home. */
  readonly conflict: boolean;
  /** The short name of the snapshot that was made; null: none. */
  readonly snapshot: string | null;
  readonly pushedBytes: number;
  readonly problems: readonly Error[];
  readonly warnings: readonly string[];
}

/**
 * Beside the user's session: a snapshot if files changed, and a push of it. Mounts, unmounts and ends nothing, receives
 * nothing here, and leaves the session record as it is. `away`: the server was found to be away just now, and is not
 * asked. Throws what keeps it from beginning.
 */
export async function checkpoint(
  session: Session,
  away: RoamhomeError | null = null,
): Promise<CheckpointOutcome> {
  const { user, signal } = session;
  const findings = new Findings();
  const outcome = { user, reason: null, snapshot: null, conflict: false, pushedBytes: 0, ...findings.told() };
  const leftAlone = (reason: string): CheckpointOutcome => ({ ...outcome, outcome: 'left-alone', reason });
  const account = await roamingAccount(session);
  if (typeof account === 'string') return leftAlone(account);
  let release;
  try {
    release = await session.acquireLock({ user, what: 'checkpoint', waitMs: 0, signal });
  } catch (error) {
    if (isRoamhomeError(error, 'locked')) return leftAlone(error.message);
    throw error;
  }
  try {
    const home = await observeInUse(session);
    if (home === null) return leftAlone(`the home is not mounted at ${session.mountpoint}`);
    // What is not written down yet does not show in `written`: a transaction group, 5 s. It does not go unseen for more
    // than that: the snapshot itself has all that was written until then, and what comes later is the next one's.
    const proved = await proveInUse(session.local, home, session);
    if (!(await isWaiting(session, proved, findings))) return { ...outcome, outcome: 'unchanged' };
    const { home: secured, snapshot, missed } = await secureInUse(session, proved);
    for (const error of missed) findings.problem(error);
    const sync = away === null ? await push(session, secured, findings) : null;
    tellConflict(sync?.conflict ?? null, findings);
    tellLeft(sync, findings);
    const conflict = isConflict({ sync });
    if (!isSent(sync) || missed.length > 0)
      return { ...outcome, outcome: 'still-pending', conflict, snapshot };
    if (!(await isLeftMounted(session))) await findings.attempt(() => session.spool.remove(user));
    return { ...outcome, outcome: 'sent', conflict, snapshot, pushedBytes: sync?.pushedBytes ?? 0 };
  } finally {
    await release();
  }
}

/** This Mac's side as it is; null: nobody is at work in it. */
async function observeInUse(session: Session): Promise<HomeState | null> {
  const home = await observeLocal(session, 'assume-files');
  if (home !== null) return isInUse(session, home) ? home : null;
  throw noHomeInUse(session);
}

export function noHomeInUse({ localHome }: Session): RoamhomeError {
  return new RoamhomeError({
    code: 'home-missing',
    message: `there is no home ${localHome} on this machine`,
    remedy: 'Check the name, and local.root (`roamhome config show`).',
  });
}

/**
 * True when there is something for the server. It is noted before the snapshot is made: after a crash in between,
 * nothing else would lead the next checkpoint to one that was not sent.
 */
async function isWaiting(session: Session, home: HomeState, findings: Findings): Promise<boolean> {
  const { user, spool, now } = session;
  const changed = datasetsToSnapshot(home).length > 0;
  if (changed) await findings.attempt(() => spool.add(user, now().toISOString()));
  const pending = changed ? null : await findings.attempt(() => spool.list());
  return pending === null || pending.some((one) => one.user === user && one.lacks !== 'session');
}

/** A logout could not unmount it, or left it to another session: the job is to, whatever is sent until then. */
async function isLeftMounted({ spool, user }: Session): Promise<boolean> {
  return (await spool.list()).some(
    ({ user: name, lacks }) => name === user && (lacks === 'unmount' || lacks === 'session'),
  );
}

/** Where a snapshot cannot be made, that is noted until one is. */
async function secureInUse(
  session: Session,
  home: HomeState,
): Promise<Secured & { readonly home: HomeState }> {
  const { spool, user, now } = session;
  const lacking = (): Promise<void> => spool.addLacking(user, now().toISOString(), 'snapshot');
  try {
    const secured = await takeSnapshot(session, home);
    if (secured.missed.length > 0) await lacking();
    else if (!(await isLeftMounted(session))) await spool.secured(user);
    return secured;
  } catch (error) {
    if (isRoamhomeError(error, 'no-snapshot')) await lacking();
    throw error;
  }
}

/** null: not all of it was sent, and that is told. */
async function push(session: Session, local: HomeState, findings: Findings): Promise<SyncResult | null> {
  // A login or a logout that comes meanwhile has to get the lock in its time.
  const budgetMs = (session.config.limits.lockWaitSeconds * 1000 * 2) / 3;
  return findings.attempt(async () => {
    try {
      return await limited(budgetMs, session.signal, overBudget, async (signal) => {
        const server = await observeServer(session, signal);
        return syncWithServer(session, { local, server }, 'checkpoint', signal);
      });
    } catch (error) {
      if (!isRoamhomeError(error, 'timed-out')) throw error;
      findings.warn(`${error.message}: ${error.remedy}`, null);
      return null;
    }
  });
}

function overBudget(milliseconds: number): RoamhomeError {
  return new RoamhomeError({
    code: 'timed-out',
    message: `a checkpoint's time for sending, ${Math.round(milliseconds / 1000)} s, is over`,
    remedy: 'what was sent is kept there, and the next run goes on with the rest.',
    retryable: true,
  });
}

/** A checkpoint that a login or a logout of this user has ended: that it was, is no problem, for it goes on with the home. Pure. */
export function yieldedCheckpoint(done: CheckpointOutcome): CheckpointOutcome {
  const problems = done.problems.filter((error) => !isRoamhomeError(error, 'cancelled'));
  if (done.outcome === 'sent') return { ...done, problems };
  const reason = 'a login or a logout of this user continues with it';
  return done.snapshot === null
    ? { ...done, outcome: 'left-alone', reason, problems }
    : { ...done, warnings: [...done.warnings, reason], problems };
}

/** One line for people. Pure. */
export function describeCheckpoint(done: CheckpointOutcome): string {
  const { user, reason, snapshot, pushedBytes, problems, warnings } = done;
  const made = snapshot === null ? '' : `snapshot ${snapshot}, `;
  switch (done.outcome) {
    case 'left-alone':
      return `${user}: ${reason ?? 'nothing to do'}`;
    case 'unchanged':
      return `${user}: no file has changed`;
    case 'sent':
      return `${user}: ${made}sent ${binarySize(pushedBytes)}${done.conflict ? `, ${conflictInWords}` : ''}`;
    case 'still-pending':
      return `${user}: ${made}still pending (${problems[0]?.message ?? warnings[0] ?? 'the server is away'})`;
    case 'failed':
      return `${user}: ${noSnapshotOf(problems[0])}`;
  }
}

function noSnapshotOf(problem: Error | undefined): string {
  if (isRoamhomeError(problem, 'no-snapshot')) return problem.message;
  return `NO snapshot (${problem?.message ?? 'it failed'})`;
}
