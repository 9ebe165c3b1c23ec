import { RoamhomeError } from '../errors/errors.ts';
import type { Installation } from './installation.ts';
import { parseTimeOfDay } from './time-of-day.ts';

/** What the templates of systemd/ ask for, as the words of unit files. Pure; throws `usage`. */
export function systemdValues(installation: Installation): Readonly<Record<string, string>> {
  const { jobs } = installation;
  return {
    version: installation.version,
    node: executable(installation.node),
    program: commandWord(installation.program),
    spoolDir: specifiers(installation.spoolDir),
    thinCalendar: calendar(jobs.thinAt),
    serverCalendar: calendar(jobs.serverAt),
    pendingCalendar: `*-*-* *:00/${jobs.pendingMinutes}:00`,
    checkpointMinutes: String(jobs.checkpointMinutes),
  };
}

/** `%` begins a specifier (systemd.unit(5)). A path setting takes the rest of its line as it is, spaces included. */
function specifiers(text: string): string {
  return text.replaceAll('%', '%%');
}

/** The first word of ExecStart=: no variables are put into it, and systemd refuses these characters in it. */
function executable(path: string): string {
  if (!/["'\\]/.test(path)) return `"${specifiers(path)}"`;
  throw new RoamhomeError({
    code: 'usage',
    message: `systemd runs no program whose path has quotes or a backslash in it: ${path}`,
    remedy: 'Install Node in another directory.',
  });
}

/** A further word of ExecStart= (systemd.service(5)): quoted, with `$` and `%` doubled. */
function commandWord(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('$', '$$$$');
  return `"${specifiers(escaped)}"`;
}

function calendar(text: string): string {
  const { hour, minute } = parseTimeOfDay(text);
  return `*-*-* ${hour ?? '*'}:${String(minute).padStart(2, '0')}:00`;
}
