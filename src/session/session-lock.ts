import type { Holder, Release } from './lock.ts';
import type { Session } from './session.ts';

/** Work of jobs, and of an admin, that goes on another time: nobody who wants to log in has to wait for it. */
const background: ReadonlySet<string> = new Set(['push', 'checkpoint', 'exclude']);

/**
 * The user's lock for a login or a logout. Such a run that has it is asked to end, which it does within seconds and with what it
 * sent kept; another session's run is waited for. Throws `locked` after `limits.lockWaitSeconds`.
 */
export function lockForSession(session: Session, what: 'login' | 'logout'): Promise<Release> {
  const { user, config, log, signal, askToEnd, onProgress } = session;
  const onWait = ({ pid, what: task }: Holder): void => {
    const ends = task !== undefined && background.has(task);
    log.info('waiting-for-run', { user, pid, task: task ?? 'unknown', askedToEnd: ends });
    onProgress({ kind: 'activity', activity: 'waiting' });
    if (ends) askToEnd(pid);
  };
  return session.acquireLock({
    ...{ user, what, signal, onWait },
    waitMs: config.limits.lockWaitSeconds * 1000,
  });
}
