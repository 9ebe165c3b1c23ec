import { EX, exitCodeOf } from '../errors/exit-codes.ts';
import { abortAtSignal } from './abort-at-signal.ts';
import { commands } from './commands.ts';
import type { CliContext, RegisterCommand } from './context.ts';
import { createOutput, isJsonAsked } from './output.ts';
import { runProgram } from './program.ts';
import { describeError } from './report-error.ts';

/** Runs a command line to its end and sets process.exitCode; errors are reported on standard error. */
export async function run(
  args: readonly string[],
  register: readonly RegisterCommand[] = commands,
): Promise<void> {
  // `roamhome ... | head`: whoever read our output has gone, which is no failure of ours.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreBrokenPipe);
  const { signal, forOneHome, forget } = abortAtSignal();
  let exitCode: number = EX.OK;
  const output = createOutput();
  try {
    const context: CliContext = {
      ...{ signal, forOneHome, print: output.print, noteProblem: output.noteProblem },
      setExitCode: (code: number) => void (exitCode = code),
    };
    await runProgram(args, context, register);
  } catch (error) {
    exitCode = exitCodeOf(error);
    if (isJsonAsked(args)) output.fail(error);
    const lines = describeError(error, { verbose: args.includes('--verbose') || args.includes('-v') });
    process.stderr.write(`${lines.join('\n')}\n`);
  } finally {
    forget();
  }
  output.end(exitCode);
  process.exitCode = exitCode;
}

function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
