import { duration, type Duration, type Unit } from './duration.ts';
import { ScheduleInvalidError } from './schedule-error.ts';

/** Which names the units have. `m` is a minute in one, a month in the other. */
export interface Notation {
  readonly name: string;
  /** Every name that is taken, in lower case. */
  readonly units: ReadonlyMap<string, Unit>;
  /** The name that is written. */
  readonly nameOf: Readonly<Record<Unit, string>>;
}

const timeMachineNames = { s: 's', min: 'min', h: 'h', d: 'd', w: 'w', month: 'month', y: 'y' } as const;
const autobackupNames = { ...timeMachineNames, month: 'm' } as const;

/** `24h=>5min`: age, then interval. Its long names are those that its parser took. */
export const timeMachine: Notation = {
  name: 'ZFS-TimeMachine',
  units: new Map<string, Unit>([
    ...(['s', 'sec', 'second', 'seconds'] as const).map((name) => [name, 's'] as const),
    ...(['m', 'min', 'mins', 'minute', 'minutes'] as const).map((name) => [name, 'min'] as const),
    ...(['h', 'hour', 'hours'] as const).map((name) => [name, 'h'] as const),
    ...(['d', 'day', 'days'] as const).map((name) => [name, 'd'] as const),
    ...(['w', 'week', 'weeks'] as const).map((name) => [name, 'w'] as const),
    ...(['mon', 'month', 'months'] as const).map((name) => [name, 'month'] as const),
    ...(['y', 'yr', 'yrs', 'year', 'years'] as const).map((name) => [name, 'y'] as const),
  ]),
  nameOf: timeMachineNames,
};

/** `5min24h`: interval, then age. */
export const autobackup: Notation = {
  name: 'zfs-autobackup',
  units: new Map<string, Unit>(
    (Object.entries(autobackupNames) as [Unit, string][]).map(([unit, name]) => [name, unit]),
  ),
  nameOf: autobackupNames,
};

/** A text that is read from its beginning, and how far it has been read. */
export interface Cursor {
  /** What it is, for messages: `schedule`. */
  readonly what: string;
  readonly text: string;
  at: number;
}

/** Reads what the pattern, a sticky one, finds next; null: something else stands there. */
export function take(cursor: Cursor, pattern: RegExp): string | null {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0];
  if (found === undefined) return null;
  cursor.at += found.length;
  return found;
}

/** The error of a mistake at `at`, or at what has not been read yet. */
export function mistake(cursor: Cursor, why: string, at = cursor.at): ScheduleInvalidError {
  return new ScheduleInvalidError(cursor.what, cursor.text, at, why);
}

/** Reads a whole number of 1 or more. `what`: what it would be, for the message. */
export function takeCount(cursor: Cursor, what: string): number {
  const start = cursor.at;
  const digits = take(cursor, /\d+/y);
  if (digits === null) throw mistake(cursor, `expected ${what}, found ${found(cursor)}`);
  const count = Number(digits);
  if (count < 1 || !Number.isSafeInteger(count)) throw mistake(cursor, `${digits} is not possible`, start);
  return count;
}

const longestYears = 1000;

/** Reads a number and a unit. */
export function takeDuration(cursor: Cursor, notation: Notation, what: string): Duration {
  const start = cursor.at;
  const count = takeCount(cursor, what);
  const unitAt = cursor.at;
  const name = take(cursor, /[A-Za-z]+/y);
  const known = `the units of ${notation.name}'s notation are ${Object.values(notation.nameOf).join(', ')}`;
  if (name === null) throw mistake(cursor, `expected a unit, found ${found(cursor)}; ${known}`);
  const unit = notation.units.get(name.toLowerCase());
  if (unit === undefined) throw mistake(cursor, `there is no unit ${JSON.stringify(name)}; ${known}`, unitAt);
  const taken = duration(count, unit);
  if (taken.seconds > duration(longestYears, 'y').seconds)
    throw mistake(cursor, `it is longer than ${longestYears} years`, start);
  return taken;
}

/** What stands where the reader stands, for messages. */
export function found({ text, at }: Cursor): string {
  return at >= text.length ? 'the end' : JSON.stringify(text[at]);
}

/** A duration as the notation writes it. */
export function writeDuration(notation: Notation, { count, unit }: Duration): string {
  return `${count}${notation.nameOf[unit]}`;
}
