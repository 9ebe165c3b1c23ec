import type { Guid, SnapshotName } from '../zfs/names.ts';
import { durationInWords, type Duration } from './duration.ts';
import type { Schedule } from './schedule.ts';
import { thin, type Thinnable } from './thin.ts';

/** What a schedule means: a sentence a line, none wider than 80 columns. Pure. */
export function scheduleInWords(schedule: Schedule): readonly string[] {
  const { newest, rules } = schedule;
  return [
    ...(newest === 0 ? [] : [`The newest ${newest === 1 ? 'one is' : `${newest} are`} kept, however old.`]),
    ...rules.map(
      ({ interval, life }) => `Of every ${span(interval)} the oldest is kept for ${durationInWords(life)}.`,
    ),
    ...(rules.length === 0
      ? []
      : ['They are counted from 1970-01-01 00:00 UTC; each is given up as a whole.']),
    'What no line keeps goes. The newest always stays, and so does what the server',
    'lacks, what is held or has a clone, and what `thinning.match` does not find.',
  ];
}

/** `hour`, `5 minutes`. */
function span(interval: Duration): string {
  return durationInWords(interval).replace(/^1 /, '');
}

const hour = 3600;

/** How many of the hourly snapshots of a day the schedule leaves, and how many days ago it was; 0: the last 24 hours. */
export interface DayLeft {
  readonly daysAgo: number;
  /** 0 to 24. */
  readonly left: number;
}

/**
 * What the schedule leaves of the hourly snapshots of the 365 days before `now` (seconds since the epoch), the oldest day
 * first. Pure.
 */
export function leftOfYear(schedule: Schedule, now: number): readonly DayLeft[] {
  const hours = 365 * 24;
  const newest = Math.floor(now / hour) * hour;
  const snapshots = Array.from({ length: hours }, (_, i): Thinnable => ({
    name: `a/year@${i}` as SnapshotName,
    guid: String(i + 1) as Guid,
    createtxg: BigInt(i),
    creation: newest - (hours - 1 - i) * hour,
  }));
  const { kept } = thin(snapshots, { schedule, maximumAge: null, pins: new Map(), match: /^/, now });
  const left = new Array<number>(365).fill(0);
  for (const { snapshot } of kept) {
    const day = Math.floor(Number(snapshot.createtxg) / 24);
    left[day] = (left[day] ?? 0) + 1;
  }
  return left.map((count, day) => ({ daysAgo: 364 - day, left: count }));
}
