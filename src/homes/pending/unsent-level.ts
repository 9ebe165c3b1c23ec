import type { Level } from '../../format/level.ts';

const hourMs = 3_600_000;
/** After so many times the hours it is not late any more, but lost sight of. */
const tooMany = 7;

/** How bad it is that something has not reached the server for so long (`doctor.unsentHours`); not known: the worst. Pure. */
export function levelOfUnsent(milliseconds: number, unsentHours: number): Level {
  const limit = unsentHours * hourMs;
  if (milliseconds < limit) return 'ok';
  return milliseconds < tooMany * limit ? 'warning' : 'critical';
}
