import { levels } from '../../format/level.ts';
import { isJsonAsked } from './output.ts';
import { oneLine } from './report-error.ts';
import { isRoamhomeError } from '../../errors/errors.ts';

/** How a plugin of Nagios ends that could not do its work: the exit code has no room for ours. */
export const unknownCode = levels.unknown;

/** Whether these arguments ask for a plugin's line: `doctor`, and `status --brief`. They may be a command line that is not understood. */
export function isPluginAsked(args: readonly string[]): boolean {
  if (isJsonAsked(args)) return false;
  const command = commandIn(args);
  return command === 'doctor' || (command === 'status' && args.includes('--brief'));
}

/** What a plugin prints where `error` ended it; null: a bug, which is told with its stack. */
export function unknownLine(args: readonly string[], error: unknown): string | null {
  if (!isRoamhomeError(error)) return null;
  const start = commandIn(args) === 'doctor' ? 'ROAMHOME UNKNOWN - ' : 'unknown: ';
  // What follows a bar is for graphs.
  return `${start}${oneLine(error.message)}. ${oneLine(error.remedy)}`.replaceAll('|', '/');
}

function commandIn(args: readonly string[]): string | undefined {
  return args.find((arg, at) => !arg.startsWith('-') && !['--config', '--set'].includes(args[at - 1] ?? ''));
}
