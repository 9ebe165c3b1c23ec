import { ConfigInvalidError, describeMistake } from '../../config/mistakes.ts';
import { RoamhomeError } from '../../errors/errors.ts';
import { toPlain } from '../../log/plain.ts';
import { redact } from '../../log/redact.ts';
import { visible } from '../../log/visible.ts';
import { ScheduleInvalidError } from '../../thinning/schedule-error.ts';

/** Fit for a terminal: no line breaks, no control characters, no secrets. */
export const oneLine = (text: string): string => visible(redact(text).replaceAll(/\s*\n\s*/g, ' '));

/** The messages of what led to the error, outermost first. */
function causesOf(error: Error): readonly string[] {
  const causes: string[] = [];
  // A bound: a chain of causes can be a circle.
  for (let cause = error.cause; cause !== undefined && causes.length < 10;) {
    causes.push(cause instanceof Error ? cause.message : JSON.stringify(toPlain(cause)));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
}

/** An error as lines for people: what happened and what to do; a bug with its stack. Pure. */
export function describeError(error: unknown, options: { verbose: boolean }): readonly string[] {
  if (!(error instanceof RoamhomeError)) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return [
      ...redact(`roamhome: ${stack}`).split('\n').map(visible),
      '  what to do: this is a bug in Roamhome; please report this, with the lines above.',
    ];
  }
  const causes = options.verbose ? causesOf(error).map((cause) => `  because: ${oneLine(cause)}`) : [];
  const remedy = `  what to do: ${oneLine(error.remedy)}`;
  if (error instanceof ConfigInvalidError) {
    const mistakes = error.mistakes.map((mistake) => `  ${oneLine(describeMistake(mistake))}`);
    return ['roamhome: the configuration is invalid', ...mistakes, ...causes, remedy];
  }
  const excerpt =
    error instanceof ScheduleInvalidError ? error.excerpt.map((line) => `    ${visible(line)}`) : [];
  return [`roamhome: ${oneLine(error.message)}`, ...excerpt, ...causes, remedy];
}
