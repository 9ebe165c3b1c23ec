/** Units by their names in ZFS-TimeMachine's notation. */
export type Unit = 's' | 'min' | 'h' | 'd' | 'w' | 'month' | 'y';

/** A length of time as it was written: `90d` stays 90 days, and does not become 3 months. */
export interface Duration {
  readonly count: number;
  readonly unit: Unit;
  readonly seconds: number;
}

const day = 86_400;

/** As zfs-autobackup has them. ZFS-TimeMachine counted 30.5 days and 364.25: one schedule means one thing here. */
const secondsPer: Readonly<Record<Unit, number>> = {
  s: 1,
  min: 60,
  h: 3600,
  d: day,
  w: 7 * day,
  month: 30 * day,
  y: 365.25 * day,
};

const names: Readonly<Record<Unit, string>> = {
  s: 'second',
  min: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  month: 'month',
  y: 'year',
};

export function duration(count: number, unit: Unit): Duration {
  return { count, unit, seconds: count * secondsPer[unit] };
}

/** `90 days`, `1 hour`. */
export function durationInWords({ count, unit }: Duration): string {
  return `${count} ${names[unit]}${count === 1 ? '' : 's'}`;
}
