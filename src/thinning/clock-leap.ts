import { RoamhomeError } from '../errors/errors.ts';

/** All in seconds since the epoch. */
export interface Clocks {
  readonly now: number;
  /** `creation` of the newest snapshot of all homes; null: there is none. */
  readonly newestSnapshot: number | null;
  /** When homes were last thinned on this machine; null: not known. */
  readonly lastRun: number | null;
}

const day = 86_400;

/** So long may a machine have been away. Most of what a schedule destroys within it is kept once a day anyway. */
const longestAbsence = 30 * day;

/**
 * How far the clock is ahead of all that tells the time, in seconds, when that is too far: an age is then
 * not to be believed, and a schedule would empty the homes. null: nothing to object. Pure.
 */
export function findClockLeap({ now, newestSnapshot, lastRun }: Clocks): number | null {
  const last = Math.max(newestSnapshot ?? -Infinity, lastRun ?? -Infinity);
  return Number.isFinite(last) && now - last > longestAbsence ? now - last : null;
}

/** `clock-leapt`. Pure. */
export function clockLeapError(leap: number, { now }: Clocks): RoamhomeError {
  const shown = new Date(now * 1000).toISOString().slice(0, 16).replace('T', ' ');
  return new RoamhomeError({
    code: 'clock-leapt',
    message: `nothing is thinned: it is ${shown} UTC by this machine's clock, ${Math.floor(leap / day)} days after the newest snapshot and the last thinning`,
    remedy:
      'If the clock is right (the machine was off or unused for so long), run `roamhome thin --force`; else set it.',
  });
}
