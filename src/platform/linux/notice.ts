import type { Argv } from '../../host/host.ts';
import type { Notice } from '../notice.ts';

/**
 * notify-send(1). The text may hold markup (Desktop Notifications Specification), and notify-send 0.8 reads backslashes in
 * it as C does (seen): both are escaped.
 */
export function linuxNoticeArgv({ isUrgent, title, text }: Notice): Argv {
  const plain = text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\\', '\\\\');
  const urgency = isUrgent ? 'critical' : 'normal';
  return ['notify-send', '--app-name=Roamhome', `--urgency=${urgency}`, '--', title, plain];
}
