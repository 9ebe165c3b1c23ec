import type { SessionReport } from '../../homes/report.ts';
import { describeError } from '../framework/report-error.ts';

/** What a login or a logout says besides its summary, a line each: its problems, then its warnings. Pure. */
export function describeFindings(
  { problems, warnings }: Pick<SessionReport, 'problems' | 'warnings'>,
  options: { readonly verbose: boolean },
): readonly string[] {
  return [
    ...problems.flatMap((error) => describeError(error, options)),
    ...warnings.map((warning) => `roamhome: ${warning}`),
  ];
}
