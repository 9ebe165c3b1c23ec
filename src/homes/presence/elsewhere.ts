import { RoamhomeError } from '../../errors/errors.ts';
import { localTime } from '../../format/time.ts';
import type { HomeState } from '../../sync/home-state.ts';
import { sessionProperty } from '../../sync/properties.ts';
import { identityOf, type Session } from '../session.ts';
import {
  arrivedOf,
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

/**
 * What a user is told whose session on another Mac the server has a record of, and whose login goes on: what of it is here,
 * by what the server has. For the user too: no name of a dataset, no command. Pure but for the clock.
 */
export function elsewhereWarning(session: Session, record: SessionRecord, server: HomeState | null): string {
  const own = identityOf(session);
  const described = describeSession(session.user, record, session.now(), own);
  if (record.kind === 'unknown') return `${described}: this Mac writes its own`;
  // By name alone nobody can tell whose snapshots those are.
  if (isNamesake(record, own)) return `${described}. ${renameRemedy}`;
  const arrived = arrivedOf(record, server?.datasets ?? []);
  return arrived === null
    ? `Your last session on ${record.macName} has not reached the server yet. Files that you changed there are missing here for now. Nothing is lost.`
    : `Your session on ${record.macName} is still open, or its end has not reached the server yet. Files that you changed there after ${localTime(arrived.creation * 1000)} are missing here for now. Nothing is lost.`;
}
