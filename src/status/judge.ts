import { ago, localTime } from '../format/time.ts';
import { count } from '../format/count.ts';
import { describeSession, othersRecord } from '../session/session-record.ts';
import type { HomeStatus } from './home-status.ts';

/** As monitoring systems have them (Nagios and those after it); the exit code of `roamhome status`. */
export const levels = { ok: 0, warning: 1, critical: 2, unknown: 3 } as const;
export type Level = keyof typeof levels;

/** Something that a person may want to know of a home; `ok`: only that. */
export interface Remark {
  readonly level: Level;
  readonly text: string;
}

const dayMs = 86_400_000;

/** What waits for the server for longer is not on its way any more. */
const [longMs, tooLongMs] = [dayMs, 7 * dayMs];

/** What there is to say of a home, seen from a machine; `macName` null: from the server. Pure. */
export function remarksOn(home: HomeStatus, macName: string | null, now: number): readonly Remark[] {
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
    const level = waitsMs >= tooLongMs ? 'critical' : waitsMs >= longMs ? 'warning' : 'ok';
    say(level, since === null ? what : `${what} since ${localTime(since)} (${ago(now - since)})`);
  }
  for (const name of conflicts) say('warning', `set aside: ${name} (roamhome conflicts show)`);
  const others = macName === null ? session : othersRecord(session, macName);
  if (others !== null)
    say(local?.mounted === true ? 'warning' : 'ok', describeSession(user, others, new Date(now)));
  else if (session !== null) say('ok', 'logged in here');
  if (local?.interrupted === true || home.server?.interrupted === true)
    say('ok', 'an interrupted transfer waits to be gone on with');
  return remarks;
}

/** The worst of all: what is critical first, then a warning, then what nobody knows. Pure. */
export function worstOf(found: readonly Level[]): Level {
  return (['critical', 'warning', 'unknown'] as const).find((level) => found.includes(level)) ?? 'ok';
}
