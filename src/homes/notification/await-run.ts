import { hasEnded, type RunStatus } from './run-status.ts';

/** What waiting for a run needs of the world. Times in milliseconds. */
export interface Waiting {
  /** null: there is no status file. */
  readonly read: () => Promise<RunStatus | null>;
  readonly isRunning: (pid: number) => boolean;
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** What ended earlier belongs to another session. */
const recentMs = 600_000;
/** Where no hook is called, the login begins a little after the session (`roamhome watch-console`). */
const beginMs = 30_000;
const pauseMs = 1000;

/**
 * The run that belongs to the session which has begun, once it is over; where there is none, the logout before it if that
 * failed and nothing has sent the home since: the file would say so. null: there is nothing to tell.
 */
export async function awaitRun({ read, isRunning, now, sleep }: Waiting): Promise<RunStatus | null> {
  const startedAt = now();
  for (;;) {
    const status = await read();
    const isOver = status !== null && (hasEnded(status) || !isRunning(status.pid));
    // The logout was the end of the session before.
    const isOurs = status !== null && status.run !== 'logout';
    if (isOurs && isOver && now() - status.updatedAt < recentMs) return status;
    const isUnderWay = isOurs && !isOver;
    if (!isUnderWay && now() - startedAt >= beginMs) return hasFailed(status) ? status : null;
    await sleep(pauseMs);
  }
}

function hasFailed(status: RunStatus | null): boolean {
  return status?.run === 'logout' && status.state === 'failed';
}
