import type { Duration } from './duration.ts';
import {
  autobackup,
  found,
  mistake,
  take,
  takeCount,
  takeDuration,
  timeMachine,
  writeDuration,
  type Cursor,
} from './notation.ts';

/** Of each block of `interval`, counted from the epoch, the oldest snapshot is kept while the block is in its life. */
export interface Rule {
  readonly interval: Duration;
  /** A block's life ends when all of it is older than this. Not shorter than the interval. */
  readonly life: Duration;
}

/** Which snapshots are to stay: those that any of it keeps. */
export interface Schedule {
  /** The newest so many are kept whatever their age; 0: none for that. */
  readonly newest: number;
  /** From the shortest interval to the longest, whatever order they were written in. */
  readonly rules: readonly Rule[];
}

/**
 * A schedule in ZFS-TimeMachine's notation (`24h=>5min,7d=>1h`) or in zfs-autobackup's (`10,5min24h,1h7d`). Spaces may
 * stand around its parts. Pure. Throws `schedule-invalid`, with the place of the mistake.
 */
export function parseSchedule(text: string): Schedule {
  const cursor: Cursor = { what: 'schedule', text, at: 0 };
  const takeItem = text.includes('=>') ? takeTimeMachineRule : takeAutobackupItem;
  let newest = 0;
  const rules: Rule[] = [];
  do {
    take(cursor, /\s+/y);
    const start = cursor.at;
    const item = takeItem(cursor);
    if (typeof item !== 'number') {
      if (item.interval.seconds > item.life.seconds)
        throw mistake(cursor, 'the interval is longer than the age until which it holds', start);
      rules.push(item);
    } else if (newest === 0) newest = item;
    else throw mistake(cursor, 'how many of the newest are kept is said twice', start);
    take(cursor, /\s+/y);
  } while (take(cursor, /,/y) !== null);
  if (cursor.at < text.length) throw mistake(cursor, `expected a comma or the end, found ${found(cursor)}`);
  return { newest, rules: rules.sort(byInterval) };
}

function byInterval(a: Rule, b: Rule): number {
  return a.interval.seconds - b.interval.seconds || a.life.seconds - b.life.seconds;
}

function takeTimeMachineRule(cursor: Cursor): Rule {
  const life = takeDuration(cursor, timeMachine, 'an age (24h)');
  if (take(cursor, /\s*=>\s*/y) === null) throw mistake(cursor, `expected =>, found ${found(cursor)}`);
  const interval = takeDuration(cursor, timeMachine, 'an interval (5min)');
  return { interval, life };
}

function takeAutobackupItem(cursor: Cursor): Rule | number {
  const isCount = /\d+(?![\dA-Za-z])/y;
  isCount.lastIndex = cursor.at;
  if (isCount.test(cursor.text)) return takeCount(cursor, 'a number');
  const interval = takeDuration(cursor, autobackup, 'a number or an interval (1d1w)');
  const life = takeDuration(cursor, autobackup, 'the age until which it holds (1d1w)');
  return { interval, life };
}

/** The schedule in ZFS-TimeMachine's notation; null: it keeps a number of the newest, which that one cannot say. */
export function formatTimeMachine({ newest, rules }: Schedule): string | null {
  const write = (one: Duration): string => writeDuration(timeMachine, one);
  return newest > 0
    ? null
    : rules.map(({ interval, life }) => `${write(life)}=>${write(interval)}`).join(',');
}

/** The schedule in zfs-autobackup's notation. */
export function formatAutobackup({ newest, rules }: Schedule): string {
  const write = (one: Duration): string => writeDuration(autobackup, one);
  return [
    ...(newest > 0 ? [String(newest)] : []),
    ...rules.map(({ interval, life }) => write(interval) + write(life)),
  ].join(',');
}
