import type { DatasetName } from '../zfs/names.ts';
import type { Duration } from './duration.ts';
import { found, mistake, takeDuration, timeMachine, type Cursor } from './notation.ts';
import { ScheduleInvalidError } from './schedule-error.ts';

/** Snapshots of the datasets that a pattern finds get no older than its age. */
export interface MaximumAge {
  readonly pattern: RegExp;
  readonly age: Duration;
}

/**
 * Maximum ages by pattern: `.+/(Downloads|Caches)$` to `1month`, units as in ZFS-TimeMachine's notation. Pure. Throws
 * `schedule-invalid`.
 */
export function parseMaximumAges(ages: Readonly<Record<string, string>>): readonly MaximumAge[] {
  return Object.entries(ages).map(([pattern, text]) => ({
    pattern: parsePattern(pattern),
    age: parseAge(pattern, text),
  }));
}

function parsePattern(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch {
    throw new ScheduleInvalidError('pattern of a maximum age', pattern, 0, 'it is no regular expression');
  }
}

function parseAge(pattern: string, text: string): Duration {
  const cursor: Cursor = { what: `maximum age of ${pattern},`, text, at: 0 };
  const age = takeDuration(cursor, timeMachine, 'an age (1month)');
  if (cursor.at < text.length) throw mistake(cursor, `expected the end, found ${found(cursor)}`);
  return age;
}

/** The smallest age of the patterns that find the dataset; null: none does. Pure. */
export function maximumAgeOf(dataset: DatasetName, ages: readonly MaximumAge[]): Duration | null {
  const found = ages.filter(({ pattern }) => pattern.test(dataset)).map(({ age }) => age);
  return found.reduce<Duration | null>(
    (least, age) => (least === null || age.seconds < least.seconds ? age : least),
    null,
  );
}
