import type { Config } from '../../config/schema.ts';
import { EX, exitCodeOf } from '../../errors/exit-codes.ts';
import type { Foreseen } from '../../homes/dry-run.ts';
import { isLoginRefused } from '../../homes/report.ts';
import type { CliContext } from '../framework/context.ts';
import { describeError } from '../framework/report-error.ts';

/** A dry run ends as the run that it shows would. */
export function tellForeseen(
  foreseen: readonly Foreseen[],
  { policies }: Pick<Config, 'policies'>,
  options: { readonly verbose: boolean },
  { noteProblem, setExitCode }: Pick<CliContext, 'noteProblem' | 'setExitCode'>,
): void {
  const problems = foreseen.filter((what) => what !== 'conflict');
  for (const error of problems) {
    noteProblem(error);
    process.stderr.write(`${describeError(error, options).join('\n')}\n`);
  }
  const [first] = problems;
  if (first !== undefined)
    setExitCode(isLoginRefused({ mounted: true, problems }, policies) ? EX.LOGIN_REFUSED : exitCodeOf(first));
  else if (foreseen.includes('conflict')) setExitCode(EX.CONFLICT);
}
