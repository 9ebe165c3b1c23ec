import { isRoamhomeError } from '../../errors/errors.ts';
import type { Log } from '../../log/log.ts';
import { followConsole, type LoggedIn } from './follow-console.ts';

/** What the watch of the console needs. */
export interface ConsoleWatch {
  /** Who sits there, and the uids that have a session at all. */
  readonly observe: () => Promise<{ readonly user: string | null; readonly sessions: ReadonlySet<number> }>;
  /** Null: no such user. */
  readonly uidOf: (user: string) => Promise<number | null>;
  readonly isMounted: (user: string) => Promise<boolean>;
  /** `roamhome login` or `logout`, in a process of its own as a hook would; its exit code, null when a signal ended it. */
  readonly run: (what: 'login' | 'logout', user: string) => Promise<number | null>;
  readonly pause: () => Promise<void>;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Calls login and logout when the user at the console changes, until it is told to end. A home that is mounted has had
 * its login, by a hook or before this was started; one that is not, its logout: calling them again would do no harm, but
 * a login would pull at a home in use.
 */
export async function watchConsole(watch: ConsoleWatch): Promise<void> {
  const { log, signal } = watch;
  let loggedIn: LoggedIn = new Map();
  let said = '';
  const isEnded = (): boolean => signal.aborted;
  while (!isEnded()) {
    try {
      loggedIn = await lookOnce(watch, loggedIn);
      said = '';
    } catch (error) {
      if (isEnded()) return;
      if (!isRoamhomeError(error)) throw error;
      // Every few seconds: once is enough.
      if (error.message !== said) log.error('console-problem', { error });
      // oxlint-disable-next-line no-useless-assignment -- read in the next round of the loop
      said = error.message;
    }
    try {
      await watch.pause();
    } catch (error) {
      // The pause is what a signal ends.
      if (!isEnded()) throw error;
    }
  }
}

async function lookOnce(watch: ConsoleWatch, before: LoggedIn): Promise<LoggedIn> {
  const { user, sessions } = await watch.observe();
  const uid = user === null ? null : (before.get(user) ?? (await watch.uidOf(user)));
  const { now, came, left } = followConsole(
    before,
    user === null || uid === null ? null : { name: user, uid },
    sessions,
  );
  for (const name of left) if (await watch.isMounted(name)) await call(watch, 'logout', name);
  for (const name of came) if (!(await watch.isMounted(name))) await call(watch, 'login', name);
  return now;
}

/** However it ends, it has told by itself, and is not tried again: a hook would not be called again either. */
async function call({ run, log }: ConsoleWatch, what: 'login' | 'logout', user: string): Promise<void> {
  log.info('console-changed', { user, what });
  const exitCode = await run(what, user);
  if (exitCode !== 0) log.error('console-call-failed', { user, what, exitCode });
}
