import { ago, localTime } from '../format/time.ts';
import { count } from '../format/count.ts';
import type { Level } from '../format/level.ts';
import { describeSession, othersRecord, type MachineIdentity } from '../session/session-record.ts';
import { levelOfUnsent } from '../session/unsent-level.ts';
import type { HomeStatus } from './home-status.ts';

/** Something that a person may want to know of a home; `ok`: only that. */
export interface Remark {
  readonly level: Level;
  readonly text: string;
}

/** From where a home is looked at, when, and by what it is judged. */
export interface Judging {
  /** null: from the server. */
  readonly own: MachineIdentity | null;
  /** `doctor.unsentHours`. */
  readonly unsentHours: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What there is to say of a home. Pure. */
export function remarksOn(home: HomeStatus, { own, unsentHours, now }: Judging): readonly Remark[] {
  const { user, pendingSince, conflicts, session, unsent, local } = home;
  const remarks: Remark[] = [];
  const say = (level: Level, text: string): void => void remarks.push({ level, text });
  if (home.state === 'diverged')
    say(
      'critical',
      'both sides have changed: the next logout or login keeps both, one of them as a conflict',
    );
  const since = pendingSince ?? null;
  if (since !== null || home.state === 'pending') {
    const waitsMs = since === null ? 0 : now - since;
    const what = unsent === 0 ? 'waits to be sent' : `${count(unsent, 'snapshot')} to be sent`;
    say(
      levelOfUnsent(waitsMs, unsentHours),
      since === null ? what : `${what} since ${localTime(since)} (${ago(now - since)})`,
    );
  }
  for (const name of conflicts) say('warning', `set aside: ${name} (roamhome conflicts show)`);
  const others = own === null ? session : othersRecord(session, own);
  if (others !== null)
    say(local?.mounted === true ? 'warning' : 'ok', describeSession(user, others, new Date(now), own));
  else if (session !== null) say('ok', 'logged in here');
  if (local?.interrupted === true || home.server?.interrupted === true)
    say('ok', 'an interrupted transfer waits to be gone on with');
  return remarks;
}
