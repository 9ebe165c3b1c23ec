import { RoamhomeError } from '../errors/errors.ts';
import { localTime } from '../format/time.ts';

/** All in seconds since the epoch. */
export interface Clocks {
  readonly now: number;
  /** `creation` of each snapshot of all homes, in any order. */
  readonly creations: readonly number[];
  /** When homes were last thinned on this machine; null: not known. */
  readonly lastRun: number | null;
}

/** A time of which nothing is known but that the clock passed over it; in seconds since the epoch. */
export interface ClockLeap {
  readonly from: number;
  readonly to: number;
}

const day = 86_400;

/** So long may a machine have been away. Most of what a schedule destroys within it is kept once a day anyway. */
const longestAbsence = 30 * day;

/**
 * The time that the clock passed over, when that is too long: an age is then not to be believed, and a schedule would
 * empty the homes. null: nothing to object. Pure.
 *
 * A snapshot of after the last run has its time from the very clock that is in doubt, so it does not vouch for it: the clock is
 * believed only if no step from the last run over these snapshots to now is too long. One from the future says nothing.
 */
export function findClockLeap({ now, creations, lastRun }: Clocks): ClockLeap | null {
  const past = creations.filter((creation) => creation <= now);
  // A last run in the future is of a clock that was wrong and has been set back.
  if (lastRun !== null && lastRun <= now)
    return firstGap([lastRun, ...past.filter((creation) => creation > lastRun), now], lastRun);
  // The old part of a history has gaps, by its schedule, so only those that ended lately count.
  return firstGap([...past, now], now - longestAbsence);
}

/** The first that is too long of the gaps between these moments that end after `since`. */
function firstGap(moments: readonly number[], since: number): ClockLeap | null {
  let from: number | null = null;
  for (const to of [...moments].sort((a, b) => a - b)) {
    if (from !== null && to > since && to - from > longestAbsence) return { from, to };
    from = to;
  }
  return null;
}

/** `clock-leapt`. Pure. */
export function clockLeapError({ from, to }: ClockLeap, { now }: Clocks, onServer: boolean): RoamhomeError {
  const days = Math.floor((to - from) / day);
  return new RoamhomeError({
    code: 'clock-leapt',
    message: `nothing is thinned: this machine's clock says ${localTime(now * 1000)}, but it passed over ${days} days after ${localTime(from * 1000)}, without a snapshot or a thinning`,
    remedy: `Set the clock if it is wrong. If it is right (the machine was off or unused for so long), run \`roamhome thin${onServer ? ' --server' : ''} --force\` once.`,
  });
}
