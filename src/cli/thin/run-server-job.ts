import { RoamhomeError } from '../../errors/errors.ts';
import { exitCodeOf } from '../../errors/exit-codes.ts';
import type { CliContext } from '../framework/context.ts';
import { describeError } from '../framework/report-error.ts';
import { runTend } from '../tend/run.ts';
import { runThin, type ThinCliOptions } from './run.ts';

/**
 * The server's two jobs as one: they never run at the same time then. Tends also when thinning failed, which has nothing
 * to do with it; the exit code is that of the first that failed. In JSON each has its document, or null.
 */
export async function runServerJob(options: ThinCliOptions, context: CliContext): Promise<void> {
  if (!options.server) {
    throw new RoamhomeError({
      code: 'usage',
      message: '--tend needs --server: only a server is tended',
      remedy: 'Run `roamhome thin --help`.',
    });
  }
  const codes: number[] = [];
  const documents: Record<string, unknown> = {};
  for (const [name, job] of [
    // Before anything is thinned: the snapshots of a home are what proves that it has a branch.
    ['tend', runTend],
    ['thin', runThin],
  ] as const) {
    documents[name] = null;
    const gathering: CliContext = {
      ...context,
      setExitCode: (code) => void codes.push(code),
      ...(options.json && { print: (document) => void (documents[name] = document) }),
    };
    try {
      await job(options, gathering);
    } catch (error) {
      codes.push(exitCodeOf(error));
      if (error instanceof Error) context.noteProblem(error);
      process.stderr.write(`${describeError(error, { verbose: options.verbose }).join('\n')}\n`);
    }
    if (context.signal.aborted) break;
  }
  if (options.json) context.print(documents);
  const [first] = codes;
  if (first !== undefined) context.setExitCode(first);
}
