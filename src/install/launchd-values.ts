import type { Installation } from './installation.ts';
import { parseTimeOfDay, spreadMinutes, type TimeOfDay } from './time-of-day.ts';

/** What the templates of launchd/ ask for, as XML. Pure. */
export function launchdValues(installation: Installation): Readonly<Record<string, string>> {
  const { jobs, macName } = installation;
  const pending = spreadMinutes(jobs.pendingMinutes, macName);
  return {
    version: xmlText(installation.version),
    node: xmlText(installation.node),
    program: xmlText(installation.program),
    spoolDir: xmlText(installation.spoolDir),
    statusDir: xmlText(installation.statusDir),
    thinCalendar: calendar([parseTimeOfDay(jobs.thinAt)]),
    serverCalendar: calendar([parseTimeOfDay(jobs.serverAt)]),
    pendingCalendar: calendar(pending.map((minute) => ({ hour: null, minute }))),
    checkpointSeconds: String(jobs.checkpointMinutes * 60),
  };
}

/** Text as XML. Control characters, which XML 1.0 has no way to write, are kept out by whoever gives the paths. */
export function xmlText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** launchd.plist(5): a key that is not there stands for every value. */
function calendar(times: readonly TimeOfDay[]): string {
  const entry = (key: string, value: number | null): string[] =>
    value === null ? [] : [`\t\t\t<key>${key}</key>`, `\t\t\t<integer>${value}</integer>`];
  const dicts = times.flatMap(({ hour, minute }) => [
    '\t\t<dict>',
    ...entry('Hour', hour),
    ...entry('Minute', minute),
    '\t\t</dict>',
  ]);
  return ['<array>', ...dicts, '\t</array>'].join('\n');
}
