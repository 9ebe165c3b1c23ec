import { isRoamhomeError } from '../errors/errors.ts';
import type { CheckpointOutcome } from '../session/checkpoint.ts';
import { summarise, type SessionReport } from '../session/report.ts';

/** A report as a JSON document of its own fields; problems with code, message and remedy. Pure. */
export function reportToJson(report: SessionReport, what: 'login' | 'logout'): string {
  const problems = report.problems.map(problemInJson);
  return JSON.stringify({ what, ...report, problems, summary: summarise(report, what) }, null, 2);
}

/** The same of checkpoints, a list of them. Pure. */
export function checkpointsToJson(outcomes: readonly CheckpointOutcome[]): string {
  const plain = outcomes.map((one) => ({ ...one, problems: one.problems.map(problemInJson) }));
  return JSON.stringify(plain, null, 2);
}

/** Pure. */
export function problemInJson(error: Error): Readonly<Record<string, string | boolean>> {
  return isRoamhomeError(error)
    ? { code: error.code, message: error.message, remedy: error.remedy, retryable: error.retryable }
    : { code: 'bug', message: error.message, remedy: 'Please report this.', retryable: false };
}
