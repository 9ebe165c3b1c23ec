import { sessionProperty } from '../sync/properties.ts';
import type { Intent } from '../sync/step.ts';
import { inheritProperty, setProperties } from '../zfs/commands/change.ts';
import type { DryRunLine } from './dry-run.ts';
import { identityOf, type Session } from './session.ts';
import {
  describeSession,
  formatSessionRecord,
  othersRecord,
  type SessionRecord,
} from './presence/session-record.ts';

/** What a login or a logout would do about the session record that it finds on the server. Pure. */
export function recordLines(
  session: Session,
  intent: Intent,
  found: SessionRecord | null,
): readonly DryRunLine[] {
  const { user, serverHome, now } = session;
  const own = identityOf(session);
  const place = session.server.zfs.host.name;
  const others = othersRecord(found, own);
  if (intent === 'login') {
    const { argv } = setProperties(serverHome, { [sessionProperty]: formatSessionRecord(own, now()) });
    const line = { words: `record that ${user} is logged in here`, commands: [{ place, argv }] };
    if (others === null) return [line];
    const words = `${describeSession(user, others, now(), own)}; the login goes on, and this Mac writes its own`;
    return [{ words, commands: [] }, line];
  }
  if (found === null) return [];
  if (others !== null)
    return [{ words: `${describeSession(user, others, now(), own)}; that record is left`, commands: [] }];
  const { argv } = inheritProperty(serverHome, sessionProperty);
  return [{ words: `record that ${user} is not logged in here any more`, commands: [{ place, argv }] }];
}
