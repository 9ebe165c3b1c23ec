const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Seconds since the epoch as zfs shows them to people: `Fri Nov 20 13:05 2026`, in UTC. */
export function shownDate(seconds: number): string {
  const date = new Date(seconds * 1000);
  const two = (value: number, fill: string): string => String(value).padStart(2, fill);
  const time = `${two(date.getUTCHours(), ' ')}:${two(date.getUTCMinutes(), '0')}`;
  const day = `${days[date.getUTCDay()] ?? ''} ${months[date.getUTCMonth()] ?? ''} ${two(date.getUTCDate(), ' ')}`;
  return `${day} ${time} ${date.getUTCFullYear()}`;
}
