import { isRoamhomeError, type RoamhomeError } from '../errors/errors.ts';
import { binarySize } from '../format/size.ts';
import { localTime } from '../format/time.ts';
import { tellConflict } from './diverged/conflict-report.ts';
import { tellLeft } from './tell-left.ts';
import type { HomeState } from '../sync/home-state.ts';
import { observeLocal } from './observing.ts';
import { Presence } from './presence/presence.ts';
import { conflictInWords, Findings, isConflict, isSent } from './report.ts';
import { secureLate } from './snapshots/secure-late.ts';
import type { Session } from './session.ts';
import type { PendingHome } from './pending/spool.ts';
import { observeServer, syncWithServer } from './with-server.ts';

/** What became of a home that was waiting to be sent. */
export interface PushOutcome {
  readonly user: string;
  readonly outcome: 'sent' | 'in-use' | 'still-pending';
  /** What was sent is on the server, but beside the home. */
  readonly conflict: boolean;
  readonly pushedBytes: number;
  readonly problems: readonly Error[];
  readonly warnings: readonly string[];
}

/**
 * Sends what is in the snapshots of a home that could not be sent before. Takes a snapshot only where a logout could not, and
 * leaves a home in use mounted as it is: it may run beside the user's session. One that is not mounted may be, read-only, for a
 * moment. `in-use`: a login or a logout is at it, which sends it anyway.
 */
export async function pushPending(session: Session): Promise<PushOutcome> {
  const { user, signal } = session;
  const findings = new Findings();
  const outcome = { user, pushedBytes: 0, conflict: false, ...findings.told() };
  let release;
  try {
    release = await session.acquireLock({ user, what: 'push', waitMs: 0, signal });
  } catch (error) {
    if (isRoamhomeError(error, 'locked')) return { ...outcome, outcome: 'in-use' };
    throw error;
  }
  try {
    const presence = new Presence(session, findings);
    let isSecured = true;
    const pushed = await findings.attempt(async () => {
      const waiting = (await session.spool.list()).find((home) => home.user === user);
      let local: HomeState | null;
      let stays = waiting?.lacks === 'session';
      if ((waiting?.lacks ?? null) === null) local = await observeLocal(session, 'ignore');
      else {
        isSecured = false;
        ({ home: local, isSecured } = await secureLate(session, findings));
        stays &&= isMounted(local);
        if (isSecured && !stays) await session.spool.secured(user);
      }
      const server = await observeServer(session, signal);
      presence.observed(server);
      const isInUse = isMounted(local);
      const intent = isInUse ? 'checkpoint' : 'logout';
      return { isInUse, stays, sync: await syncWithServer(session, { local, server }, intent, signal) };
    });
    const sync = pushed?.sync ?? null;
    tellConflict(sync?.conflict ?? null, findings);
    tellLeft(sync, findings);
    // Nothing to send it from any more: an admin has removed the home.
    const isGone = findings.problems.some((error) => isRoamhomeError(error, 'home-missing'));
    const sent = isSent(sync) && isSecured;
    // The logout that could not send it could not say that nobody is logged in here any more.
    const hasLeft = !sent || pushed?.isInUse === true || (await presence.leaveLater(sync));
    if ((sent && hasLeft && pushed?.stays !== true) || isGone)
      await findings.attempt(() => session.spool.remove(user));
    return {
      ...outcome,
      outcome: sent ? 'sent' : 'still-pending',
      conflict: isConflict({ sync }),
      pushedBytes: sync?.pushedBytes ?? 0,
    };
  } finally {
    findings.sortLoudest();
    await release();
  }
}

function isMounted(home: HomeState | null): boolean {
  return home?.datasets.some(({ mounted }) => mounted) === true;
}

/** A push that a login or a logout of this user has ended: that it was, is no problem, for it sends the home. Pure. */
export function yieldedPush(done: PushOutcome): PushOutcome {
  const problems = done.problems.filter((error) => !isRoamhomeError(error, 'cancelled'));
  return { ...done, outcome: done.outcome === 'sent' ? 'sent' : 'in-use', problems };
}

/** One line for people. Pure. */
export function describePush({ user, outcome, conflict, pushedBytes, problems }: PushOutcome): string {
  switch (outcome) {
    case 'sent':
      return `${user}: sent ${binarySize(pushedBytes)}${conflict ? `, ${conflictInWords}` : ''}`;
    case 'in-use':
      return `${user}: a login or a logout is at it`;
    case 'still-pending':
      return `${user}: still pending (${problems[0]?.message ?? 'not sent'})`;
  }
}

/** The first that concerns the server rather than one home: the others would fail of it too. */
export function serverProblem({ problems }: Pick<PushOutcome, 'problems'>): RoamhomeError | null {
  const found = problems.find((error) =>
    isRoamhomeError(error, 'server-unreachable', 'auth-refused', 'host-key-unknown', 'host-key-changed'),
  );
  return isRoamhomeError(found) ? found : null;
}

const lackInWords = {
  nothing: '',
  logout: ', in a logout that has NOT YET made a snapshot',
  snapshot: ', NOT YET in a snapshot',
  unmount: ', and still mounted',
  session: ', to be unmounted once the user has left altogether',
} as const;

/** Who is waiting, in words. Pure. */
export function describePending(homes: readonly PendingHome[]): string {
  if (homes.length === 0) return 'no home is waiting to be sent';
  return homes
    .map(
      ({ user, since, lacks }) =>
        `${user}: since ${since === null ? 'an unknown time' : localTime(Date.parse(since))}${lackInWords[lacks ?? 'nothing']}`,
    )
    .join('\n');
}
