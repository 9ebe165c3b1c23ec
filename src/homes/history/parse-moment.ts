import { casual } from 'chrono-node/en';
import { RoamhomeError } from '../../errors/errors.ts';

const examples =
  'Say it like "yesterday 14:00", "3 days ago", "last friday", "19 Nov 2pm" or "2026-11-19 14:00", or name a snapshot as `roamhome snapshots USER --json` does.';

/**
 * A user's words for a time, in the time zone of this process, in milliseconds since the epoch. What they leave open counts in full: a day
 * without a time up to its end, a minute up to its last second, but never later than now. Throws `usage` for what is
 * not understood to the last word, what names no one moment, and what lies ahead. Pure.
 */
export function parseMoment(words: string, now: Date): number {
  const text = words.trim();
  const [found, ...more] = casual.parse(text, { instant: now });
  if (found === undefined || more.length > 0 || found.text !== text || Boolean(found.end))
    throw wrong(words, 'is no time that Roamhome understands');
  const { start } = found;
  const tags = [...start.tags(), ...found.tags()];
  const has = (tag: string): boolean => tags.some((each) => each.endsWith(tag));
  // 11/12 is a day in November in one country, and in December in the next.
  if (has('SlashDateFormatParser'))
    throw wrong(words, 'can be read in two ways: write the month as a word, or 2026-11-19');
  const namesDay = start.isCertain('day') || start.isCertain('weekday');
  const namesTime = start.isCertain('hour') || has('ENCasualTimeParser');
  const isAgo = has('relativeDate') && /\bago$/.test(text);
  if (!namesTime && !isAgo && !(namesDay && !has('relativeDate')))
    throw wrong(words, 'names no day and no time');
  const at = start.date().getTime();
  // Words without a time of day stand at some hour of it, which for today may still be ahead.
  const isAhead = namesTime || isAgo ? at > now.getTime() : startOfDay(at) > now.getTime();
  if (isAhead) throw wrong(words, `is still ahead: it would be ${new Date(at).toString().slice(0, 21)}`);
  return Math.min(now.getTime(), endOf(at, { start, namesTime, isAgo }));
}

function endOf(
  at: number,
  {
    start,
    namesTime,
    isAgo,
  }: { start: { isCertain(part: 'second'): boolean }; namesTime: boolean; isAgo: boolean },
): number {
  if (isAgo || start.isCertain('second')) return at;
  if (namesTime) return Math.floor(at / 60_000) * 60_000 + 59_999;
  const day = new Date(startOfDay(at));
  // The next one by the calendar: not every day has 24 hours.
  day.setDate(day.getDate() + 1);
  return day.getTime() - 1;
}

function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

function wrong(words: string, why: string): RoamhomeError {
  return new RoamhomeError({ code: 'usage', message: `${JSON.stringify(words)} ${why}`, remedy: examples });
}
