/** `2026-11-20 07:45`, by the clock on this machine's wall. Milliseconds since the epoch. For people. */
export function localTime(milliseconds: number): string {
  const date = dateOf(milliseconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `2026-11-20T06:45:00.000Z`. Milliseconds since the epoch. For programs. */
export function isoTime(milliseconds: number): string {
  return dateOf(milliseconds).toISOString();
}

const latestMs = Date.UTC(9999, 11, 31, 23, 59, 59);

/** A time that somebody made up is told as the first or the last that there is. */
function dateOf(milliseconds: number): Date {
  return new Date(Math.max(0, Math.min(latestMs, milliseconds)));
}

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** `45 s`, `3 min`, `5 h`, `12 days`: whole units, rounded down. Pure. */
export function span(milliseconds: number): string {
  if (milliseconds < minuteMs) return `${Math.floor(milliseconds / secondMs)} s`;
  if (milliseconds < hourMs) return `${Math.floor(milliseconds / minuteMs)} min`;
  if (milliseconds < 2 * dayMs) return `${Math.floor(milliseconds / hourMs)} h`;
  return `${Math.floor(milliseconds / dayMs)} days`;
}

/** `3 min ago`; a time in the future is another machine's clock. Pure. */
export function ago(milliseconds: number): string {
  if (milliseconds < 0) return "by that Mac's clock, which is ahead of this one's";
  return milliseconds < minuteMs ? 'less than a minute ago' : `${span(milliseconds)} ago`;
}
