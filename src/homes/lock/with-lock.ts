import type { Session } from '../session.ts';

/** Runs a task while no login, logout or push of the user runs, and none begins. Throws `locked`. */
export async function withLock<T>(session: Session, what: string, task: () => Promise<T>): Promise<T> {
  const { user, config, signal } = session;
  const release = await session.acquireLock({
    user,
    what,
    waitMs: config.limits.lockWaitSeconds * 1000,
    signal,
  });
  try {
    return await task();
  } finally {
    await release();
  }
}
