import type { Config } from '../../config/schema.ts';
import { EX, exitCodeOf } from '../../errors/exit-codes.ts';
import { isConflict, isLoginRefused, type SessionReport } from '../../homes/report.ts';

/** The exit code that a login or logout with this report ends with: its first problem's, or that of a conflict. */
export function exitCodeOfSession(
  what: 'login' | 'logout',
  report: SessionReport,
  policies: Config['policies'],
): number {
  const [first] = report.problems;
  if (first === undefined) return isConflict(report) ? EX.CONFLICT : EX.OK;
  return what === 'login' && isLoginRefused(report, policies) ? EX.LOGIN_REFUSED : exitCodeOf(first);
}
