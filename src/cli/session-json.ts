import { isRoamhomeError } from '../errors/errors.ts';
import { summarise, type SessionReport } from '../session/report.ts';

/** A report as a JSON document of its own fields; problems with code, message and remedy. Pure. */
export function reportToJson(report: SessionReport, what: 'login' | 'logout'): string {
  const problems = report.problems.map((error) =>
    isRoamhomeError(error)
      ? { code: error.code, message: error.message, remedy: error.remedy, retryable: error.retryable }
      : { code: 'bug', message: error.message, remedy: 'Please report this.', retryable: false },
  );
  return JSON.stringify({ what, ...report, problems, summary: summarise(report, what) }, null, 2);
}
