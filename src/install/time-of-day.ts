/** A minute of every hour, or of one hour of the day. Local time. */
export interface TimeOfDay {
  /** null: every hour. */
  readonly hour: number | null;
  readonly minute: number;
}

/** Reads what config/schema.ts lets pass: `12:43` or `*:17`. Pure. */
export function parseTimeOfDay(text: string): TimeOfDay {
  const [hour = '', minute = ''] = text.split(':');
  return { hour: hour === '*' ? null : Number(hour), minute: Number(minute) };
}

/**
 * The minutes of an hour that are `every` minutes apart, `every` dividing 60. `name` chooses the first: the same for one
 * machine each time, spread over many machines. Pure.
 */
export function spreadMinutes(every: number, name: string): readonly number[] {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return Array.from({ length: 60 / every }, (_, index) => (hash % every) + index * every);
}
