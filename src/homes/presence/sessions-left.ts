import { isRoamhomeError } from '../../errors/errors.ts';
import type { Account } from '../../platform/platform.ts';
import type { Session } from '../session.ts';

/**
 * The user's sessions on this machine that go on besides the one of this login or logout, in words. Where the system does not tell them,
 * there is none: the home is looked after as without it. Never rejects, but for a bug.
 */
export async function sessionsLeft(session: Session, account: Account): Promise<readonly string[]> {
  const { platform, log, user, signal } = session;
  try {
    return await platform.otherSessions(account, signal);
  } catch (error) {
    if (!isRoamhomeError(error)) throw error;
    log.warn('sessions-unknown', { user, error });
    return [];
  }
}

/** Why a logout leaves the home as it is. Pure. */
export function stillLoggedIn(user: string, sessions: readonly string[]): string {
  return `${user} is still logged in here: ${sessions.join(', ')}`;
}
