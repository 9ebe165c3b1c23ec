import { parseConflictName } from '../diverged/conflict-names.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * What a conflict's version of a file is called beside the home's: `mac-b, 30 Nov 13.13`, by the Mac and the time that the
 * conflict's own name has, on this machine's wall clock. No character that Finder or a shell minds. Pure.
 */
export function conflictLabel(name: string, user: string): string {
  const known = parseConflictName(name, user);
  if (known === null) return 'conflict';
  const date = new Date(known.since * 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = `${two(date.getHours())}.${two(date.getMinutes())}`;
  return `${known.macName}, ${date.getDate()} ${months[date.getMonth()] ?? ''} ${time}`;
}
