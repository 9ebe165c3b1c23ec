import { leftOfYear, scheduleInWords } from '../../thinning/explain-schedule.ts';
import { drawYear } from '../../thinning/picture.ts';
import {
  formatAutobackup,
  formatTimeMachine,
  parseSchedule,
  type Schedule,
} from '../../thinning/schedule.ts';
import type { CliContext, GlobalOptions, JsonDocument } from '../framework/context.ts';
import { loadCliConfig } from '../framework/load-cli-config.ts';
import { scheduleOf } from '../framework/thinning-settings.ts';

export interface ScheduleExplainOptions extends GlobalOptions {
  /** Absent: the one in effect. */
  readonly schedule: string | undefined;
  readonly json: boolean;
}

/** Prints what a schedule means. Throws `schedule-invalid`; for the configured one `config-invalid`. */
export async function runScheduleExplain(
  options: ScheduleExplainOptions,
  context: Pick<CliContext, 'print'>,
): Promise<void> {
  const schedule =
    options.schedule === undefined
      ? scheduleOf(await loadCliConfig(options, 'explain-schedule'))
      : parseSchedule(options.schedule);
  const now = Math.floor(Date.now() / 1000);
  context.print(options.json ? scheduleToJson(schedule, now) : scheduleToText(schedule, now));
}

/** For people: both notations, words, picture; within 80 columns but for the notations. Pure. */
export function scheduleToText(schedule: Schedule, now: number): string {
  const notations = [formatTimeMachine(schedule), formatAutobackup(schedule)].filter((text) => text !== null);
  return [
    ...notations,
    '',
    ...scheduleInWords(schedule),
    '',
    'Of a year of hourly snapshots there would be left:',
    '',
    ...drawYear(leftOfYear(schedule, now)),
  ].join('\n');
}

/** For programs: durations in seconds too; of the year what is left of each day, the oldest first. Pure. */
export function scheduleToJson(schedule: Schedule, now: number): JsonDocument {
  return {
    timeMachine: formatTimeMachine(schedule),
    autobackup: formatAutobackup(schedule),
    ...schedule,
    words: scheduleInWords(schedule),
    leftOfYear: leftOfYear(schedule, now),
  };
}
