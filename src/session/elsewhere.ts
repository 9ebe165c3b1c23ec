import { RoamhomeError } from '../errors/errors.ts';
import { sessionProperty } from '../replication/properties.ts';
import type { Session } from './session.ts';
import { describeSession, othersRecord, type SessionRecord } from './session-record.ts';

/** True when the policy keeps those out who are logged in on another Mac. */
export function denies({ config }: Session): boolean {
  return config.policies.loggedInElsewhere === 'deny';
}

/**
 * Why a login is refused where another Mac has the record; null: it is not. A record that cannot be read names nobody,
 * and locks nobody out. Pure but for the clock.
 */
export function denialOf(session: Session, record: SessionRecord | null): RoamhomeError | null {
  const { user, serverHome, config, now } = session;
  const others = othersRecord(record, config.local.macName);
  if (!denies(session) || others?.kind !== 'known') return null;
  return new RoamhomeError({
    code: 'logged-in-elsewhere',
    message: `${describeSession(user, others, now())}, and policies.loggedInElsewhere is deny`,
    remedy: `Log out there. If that Mac is lost, on the server as root: \`zfs inherit ${sessionProperty} ${serverHome}\`.`,
    retryable: true,
  });
}

/** What follows from a session elsewhere that a login goes on in spite of. Pure but for the clock. */
export function elsewhereWarning({ user, now }: Session, record: SessionRecord): string {
  const follows =
    record.kind === 'unknown'
      ? 'this Mac writes its own'
      : 'what is changed both there and here ends as a conflict, which keeps both';
  return `${describeSession(user, record, now())}: ${follows}`;
}
