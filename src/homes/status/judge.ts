import { binarySize } from '../../format/size.ts';
import { ago, localTime } from '../../format/time.ts';
import { count } from '../../format/count.ts';
import type { Level } from '../../format/level.ts';
import { describeSession, othersRecord, type MachineIdentity } from '../presence/session-record.ts';
import { levelOfUnsent } from '../pending/unsent-level.ts';
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
  /** `doctor.sessionHours`. */
  readonly sessionHours: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What there is to say of a home. Pure. */
export function remarksOn(home: HomeStatus, judging: Judging): readonly Remark[] {
  const { own, unsentHours, now } = judging;
  const { user, pendingSince, conflicts, session, unsent, local } = home;
  const remarks: Remark[] = [];
  const say = (level: Level, text: string): void => void remarks.push({ level, text });
  if (home.state === 'diverged')
    say(
      'critical',
      'both sides have changed: the next logout or login keeps both, one of them as a conflict',
    );
  for (const words of home.doubled) say('critical', `part of it is not synced: ${words}`);
  for (const words of home.offThere) say('warning', words);
  for (const { level, text } of unsecured(home, own, now)) say(level, text);
  const since = pendingSince ?? null;
  if (since !== null || home.state === 'pending') {
    const waitsMs = now - (since ?? unnotedSince(home, now));
    const what = unsent === 0 ? 'waits to be sent' : `${count(unsent, 'snapshot')} to be sent`;
    say(
      levelOfUnsent(waitsMs, unsentHours),
      since === null ? what : `${what} since ${localTime(since)} (${ago(now - since)})`,
    );
  }
  for (const name of new Set([...conflicts, ...home.unsentConflicts])) {
    const isAlone = home.unsentConflicts.includes(name);
    const state = isAlone
      ? ', NOT YET on the server (roamhome push --pending)'
      : ' (roamhome conflicts show)';
    say('warning', `set aside: ${name}${state}`);
  }
  for (const { name, macName: mac, at, usedBytes } of home.waiting)
    say(
      'warning',
      `a conflict waits here: ${name}, ${mac === null ? '' : `of ${mac}, `}${localTime(at)}, ${binarySize(usedBytes)}`,
    );
  const others = own === null ? null : othersRecord(session, own);
  if (own === null) remarks.push(...remarkOnSession(home, judging));
  else if (others !== null)
    say(local?.mounted === true ? 'warning' : 'ok', describeSession(user, others, new Date(now), own));
  else if (session !== null) say('ok', 'logged in here');
  if (local?.interrupted === true || home.server?.interrupted === true)
    say('ok', 'an interrupted transfer waits to be gone on with');
  return remarks;
}

/** A logout that is under way says so for that long. */
const underWayMs = 5 * 60_000;

/** What is in no snapshot though nobody is at work in it. */
function unsecured(home: HomeStatus, own: MachineIdentity | null, now: number): readonly Remark[] {
  const { user, lacks, pendingSince, unprovenBytes, session } = home;
  const again = 'roamhome push --pending tries again';
  const since = pendingSince === null ? '' : ` since ${localTime(pendingSince)}`;
  switch (lacks) {
    case 'snapshot':
      return [
        { level: 'critical', text: `NO snapshot holds all that was in the home at logout${since}: ${again}` },
      ];
    case 'logout': {
      const isUnderWay = pendingSince !== null && now - pendingSince < underWayMs;
      if (isUnderWay) return [{ level: 'ok', text: 'a logout is under way' }];
      return [
        { level: 'critical', text: `a logout was cut short before it made its snapshot${since}: ${again}` },
      ];
    }
    case 'unmount':
      return [{ level: 'warning', text: `the home is still mounted after a logout${since}: ${again}` }];
    case 'session':
      return [
        { level: 'ok', text: 'still logged in here after a logout: the home is unmounted once all is over' },
      ];
    case null: {
      // Of a session that is noted as open here a crash may have left it: the next login finds that.
      const isOpen = own !== null && session !== null && othersRecord(session, own) === null;
      if (unprovenBytes === 0 || isOpen || pendingSince !== null) return [];
      const text = `${binarySize(unprovenBytes)} written since the newest snapshot, and nobody is logged in here: roamhome logout ${user}`;
      return [{ level: 'warning', text }];
    }
  }
}

/**
 * Since when something waits of which there is no note. A home in use has snapshots by other tools, which go with the next
 * checkpoint or logout. Of one at rest nobody knows: the worst.
 */
function unnotedSince({ local, unsentSince }: HomeStatus, now: number): number {
  return local?.mounted === true ? (unsentSince ?? now) : Number.NaN;
}

/** On the server: who is logged in where, and whether anything of it arrives. Pure. */
function remarkOnSession(
  { user, session, arrived }: HomeStatus,
  { sessionHours, now }: Judging,
): readonly Remark[] {
  if (session === null) return [];
  if (session.kind === 'unknown')
    return [{ level: 'warning', text: describeSession(user, session, new Date(now)) }];
  const since = session.since.getTime();
  const silentMs = now - Math.max(since, arrived?.at ?? since);
  const level = levelOfUnsent(silentMs, sessionHours);
  const began = `${session.macName} since ${localTime(since)} (${ago(now - since)})`;
  if (level === 'ok') return [{ level, text: describeSession(user, session, new Date(now)) }];
  return [
    {
      level,
      text:
        arrived === null
          ? `nothing has arrived of the session on ${began}: that Mac is off, or cannot send`
          : `nothing more has arrived of the session on ${began}, after ${localTime(arrived.at)}`,
    },
  ];
}
