import type { Holder, Release } from './lock.ts';
import type { Session } from '../session.ts';

/** Work of jobs, and of an admin, that goes on another time: nobody who wants to log in has to wait for it. */
const background: ReadonlySet<string> = new Set(['push', 'checkpoint', 'exclude', 'thin']);

/**
 * The user's lock for a login or a logout. Such a run that has it is asked to end, which it does within seconds and with what it
 * sent kept; another session's run is waited for. `onWaiting`: another run has it. Throws `locked` after
 * `limits.lockWaitSeconds`.
 */
export function lockForSession(
  session: Session,
  what: 'login' | 'logout',
  onWaiting: (task: string | undefined) => void = () => undefined,
): Promise<Release> {
  const { user, config, log, signal, askToEnd, onProgress } = session;
  const onWait = ({ pid, what: task }: Holder): void => {
    const ends = task !== undefined && background.has(task);
    log.info('waiting-for-run', { user, pid, task: task ?? 'unknown', askedToEnd: ends });
    onProgress({ kind: 'activity', activity: 'waiting' });
    if (ends) askToEnd(pid);
    onWaiting(task);
  };
  return session.acquireLock({
    ...{ user, what, signal, onWait },
    waitMs: config.limits.lockWaitSeconds * 1000,
  });
}

/** How long a logout leaves the snapshot to another logout of the same user. */
const patienceMs = 10_000;

/** A lock that was asked for, and comes when it comes. */
export interface ComingLock {
  /** True when it is there; false while another run has it, and when it cannot be had. */
  isHere(): Promise<boolean>;
  /** Rejects with what keeps it from being taken. */
  readonly here: Promise<Release>;
}

/** The same for who has something to do meanwhile. */
export function askForLock(session: Session, what: 'login' | 'logout'): ComingLock {
  let isTaken = false;
  let onKnown!: () => void;
  const known = new Promise<void>((resolve) => {
    onKnown = resolve;
  });
  const here = lockForSession(session, what, (task) => {
    // Another logout makes the very snapshot, as a rule within seconds.
    if (task === 'logout') void session.sleep(patienceMs).then(onKnown, onKnown);
    else onKnown();
  });
  here
    .then(
      () => {
        isTaken = true;
      },
      // Heard of where it is awaited.
      () => undefined,
    )
    .finally(onKnown);
  return { isHere: () => known.then(() => isTaken), here };
}
