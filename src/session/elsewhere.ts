import { RoamhomeError } from '../errors/errors.ts';
import { sessionProperty } from '../replication/properties.ts';
import { identityOf, type Session } from './session.ts';
import {
  describeSession,
  isNamesake,
  othersRecord,
  renameRemedy,
  type SessionRecord,
} from './session-record.ts';

/** True when the policy keeps those out who are logged in on another Mac. */
export function denies({ config }: Session): boolean {
  return config.policies.loggedInElsewhere === 'deny';
}

/**
 * Why a login is refused where another Mac has the record; null: it is not. A record that cannot be read names nobody,
 * and locks nobody out. Pure but for the clock.
 */
export function denialOf(session: Session, record: SessionRecord | null): RoamhomeError | null {
  const { user, serverHome, now } = session;
  const own = identityOf(session);
  const others = othersRecord(record, own);
  if (!denies(session) || others?.kind !== 'known') return null;
  const rename = isNamesake(others, own) ? ` ${renameRemedy}` : '';
  return new RoamhomeError({
    code: 'logged-in-elsewhere',
    message: `${describeSession(user, others, now(), own)}, and policies.loggedInElsewhere is deny`,
    remedy: `Log out there.${rename} If that Mac is lost, on the server as root: \`zfs inherit ${sessionProperty} ${serverHome}\`.`,
    retryable: true,
  });
}

/** What follows from a session elsewhere that a login goes on in spite of. Pure but for the clock. */
export function elsewhereWarning(session: Session, record: SessionRecord): string {
  const own = identityOf(session);
  const follows =
    record.kind === 'unknown'
      ? 'this Mac writes its own'
      : 'what is changed both there and here ends as a conflict, which keeps both';
  const rename = isNamesake(record, own) ? `. ${renameRemedy}` : '';
  return `${describeSession(session.user, record, session.now(), own)}: ${follows}${rename}`;
}
