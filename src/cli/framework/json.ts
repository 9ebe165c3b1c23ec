import { ConfigInvalidError, describeMistake } from '../../config/mistakes.ts';
import { isRoamhomeError } from '../../errors/errors.ts';
import { redact } from '../../log/redact.ts';
import { ScheduleInvalidError } from '../../thinning/schedule-error.ts';

/** An error as every JSON document of Roamhome has it. */
export interface ProblemJson {
  /** Of the closed list in src/errors; `bug`: Roamhome did not foresee it. */
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  /** The commands of the remedy, to be typed as root on this machine. */
  readonly commands: readonly string[];
  /** True when the same run may succeed later with nobody doing anything. */
  readonly retryable: boolean;
  /** More lines: each mistake in the settings, the place of a mistake in a schedule. */
  readonly details: readonly string[];
}

/** An error for programs. */
export function problemInJson(error: unknown): ProblemJson {
  if (!isRoamhomeError(error)) {
    const message = redact(error instanceof Error ? error.message : String(error));
    const remedy = 'Report this as a bug in Roamhome, with the lines on standard error.';
    return { code: 'bug', message, remedy, commands: [], retryable: false, details: [] };
  }
  const { code, message, remedy, commands, retryable } = error;
  const details =
    error instanceof ConfigInvalidError
      ? error.mistakes.map(describeMistake)
      : error instanceof ScheduleInvalidError
        ? error.excerpt
        : [];
  return {
    ...{ code, message: redact(message), remedy: redact(remedy), commands, retryable },
    details: details.map(redact),
  };
}

/** A document as text. An error anywhere in it has the one shape: as it is, JSON would show it as `{}`. */
export function jsonText(document: object): string {
  return JSON.stringify(
    document,
    (_key, value: unknown) => (value instanceof Error ? problemInJson(value) : value),
    2,
  );
}
