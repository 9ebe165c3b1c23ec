import { setTimeout as delay } from 'node:timers/promises';
import { isRoamhomeError, RoamhomeError } from '../errors/errors.ts';
import { unmount } from '../zfs/commands/change.ts';
import type { DatasetName } from '../zfs/names.ts';
import type { Session } from './session.ts';

/** A retry a few seconds later often works: Spotlight lets go by then (macOS, third-party reports). */
const pauseMs = 1000;

/**
 * Unmounts the home and what is mounted below it. True when it did: ZFS has then written down all there was to
 * write; false when it was not mounted. `force` after the polite tries. Throws `home-busy`: the home is mounted
 * still, and nothing was lost.
 */
export async function unmountHome(
  session: Session,
  options: { readonly tries: number; readonly force: boolean },
): Promise<boolean> {
  let last: Outcome = 'not-mounted';
  for (let attempt = 1; attempt <= options.tries; attempt++) {
    if (attempt > 1) await delay(pauseMs, undefined, { signal: session.signal });
    last = await tryUnmount(session, session.localHome, false);
    if (!(last instanceof Error)) return last === 'unmounted';
    session.log.warn('unmount-busy', { user: session.user, dataset: session.localHome, attempt });
  }
  if (options.force) {
    last = await tryUnmount(session, session.localHome, true);
    if (last instanceof Error) last = await forceBySystem(session, last);
    if (!(last instanceof Error)) return last === 'unmounted';
  }
  throw new RoamhomeError({
    code: 'home-busy',
    message: `${session.mountpoint} cannot be unmounted: a program still uses it`,
    remedy: `What is in it now is kept in a snapshot all the same. \`lsof +D ${session.mountpoint}\` names the program.`,
    retryable: true,
    cause: last,
  });
}

type Outcome = 'unmounted' | 'not-mounted' | RoamhomeError;

/** The error only when it is busy; any other is thrown. */
async function tryUnmount(session: Session, dataset: DatasetName, force: boolean): Promise<Outcome> {
  try {
    await session.local.run(unmount(dataset, { force }), { signal: session.signal });
    return 'unmounted';
  } catch (error) {
    if (isRoamhomeError(error, 'not-mounted', 'dataset-missing')) return 'not-mounted';
    if (isRoamhomeError(error, 'dataset-busy')) return error;
    throw error;
  }
}

/** The system's own way, where it has one that zfs does not use; `busy` when it fails too. */
async function forceBySystem(session: Session, busy: RoamhomeError): Promise<Outcome> {
  const argv = session.platform.forceUnmountArgv?.(session.mountpoint);
  if (argv === undefined) return busy;
  const result = await session.local.host.run(argv, { signal: session.signal });
  return result.exitCode === 0 ? 'unmounted' : busy;
}
