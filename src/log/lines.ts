import type { LogFields, LogLevel } from './log.ts';
import { plainFields, type Plain } from './plain.ts';
import { visible } from './visible.ts';

/** An event on its way to a line. */
export interface LogEvent {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: LogFields;
}

/** One JSON object, without a newline: time, level, event, then the fields. Pure. */
export function toJsonLine({ time, level, event, fields }: LogEvent): string {
  const own = { time, level, event };
  // Twice: first for the order, then because a field must not pass for the event's own.
  return JSON.stringify({ ...own, ...plainFields(fields), ...own });
}

const colours: Readonly<Record<LogLevel, string>> = {
  error: '\u001b[31m',
  warn: '\u001b[33m',
  info: '\u001b[32m',
  debug: '\u001b[2m',
};

function shortValue(value: Plain): string {
  if (typeof value === 'string')
    return /^[\w.:/@#=,%+-]+$/.test(value) ? value : visible(JSON.stringify(value));
  if (typeof value === 'object' && value !== null && 'message' in value && !Array.isArray(value)) {
    const { message } = value as { message: Plain };
    return shortValue(message);
  }
  return visible(JSON.stringify(value));
}

/** One line for people, without a newline: time of day (UTC), level, event, name=value. Pure. */
export function toTerminalLine(
  { time, level, event, fields }: LogEvent,
  options: { colour: boolean },
): string {
  const shown = options.colour ? `${colours[level]}${level.padEnd(5)}\u001b[0m` : level.padEnd(5);
  const values = Object.entries(plainFields(fields)).map(
    ([name, value]) => `${visible(name)}=${shortValue(value)}`,
  );
  return [time.slice(11, 19), shown, visible(event), ...values].join(' ');
}
