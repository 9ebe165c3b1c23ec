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

/** The run that belongs to the session which has begun, once it is over; null: there was none. */
export async function awaitRun({ read, isRunning, now, sleep }: Waiting): Promise<RunStatus | null> {
  const startedAt = now();
  for (;;) {
    const status = await read();
    const isOver = status !== null && (hasEnded(status) || !isRunning(status.pid));
    // The logout was the end of the session before.
    const isOurs = status !== null && status.run !== 'logout';
    if (isOurs && isOver && now() - status.updatedAt < recentMs) return status;
    const isUnderWay = isOurs && !isOver;
    if (!isUnderWay && now() - startedAt >= beginMs) return null;
    await sleep(pauseMs);
  }
}
