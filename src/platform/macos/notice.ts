import type { Argv } from '../../host/host.ts';
import type { Notice } from '../notice.ts';

/**
 * `display notification` of a script that never changes: the texts are its arguments. They stand behind a first one, at
 * which osascript's getopt(3) ends its options.
 */
export function macosNoticeArgv({ title, text }: Notice): Argv {
  return [
    'osascript',
    ...['-e', 'on run argv'],
    ...['-e', 'display notification (item 3 of argv) with title (item 1 of argv) subtitle (item 2 of argv)'],
    ...['-e', 'end run'],
    ...['Roamhome', title, text],
  ];
}
