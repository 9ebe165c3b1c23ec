import { RoamhomeError } from '../errors/errors.ts';
import { EX, exitCodeOf } from '../errors/exit-codes.ts';
import { abortAtSignal } from './framework/abort-at-signal.ts';
import { commands } from './commands.ts';
import type { CliContext, RegisterCommand } from './framework/context.ts';
import { createOutput, isJsonAsked } from './framework/output.ts';
import { isPluginAsked, unknownCode, unknownLine } from './framework/nagios-line.ts';
import { runProgram } from './framework/program.ts';
import { describeError } from './framework/report-error.ts';

/** Runs a command line to its end and sets process.exitCode; errors are reported on standard error. */
export async function run(
  args: readonly string[],
  register: readonly RegisterCommand[] = commands,
): Promise<void> {
  const lost: RoamhomeError[] = [];
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // `roamhome ... | head`: whoever read our output has gone, which is no failure of ours.
      if (error.code === 'EPIPE' || lost.length > 0) return;
      const problem = outputLost(error);
      lost.push(problem);
      process.stderr.write(`${describeError(problem, { verbose: false }).join('\n')}\n`);
      // Told after the command has ended, as a rule. What it did is done: its own failure matters more.
      if (process.exitCode === undefined || process.exitCode === EX.OK)
        process.exitCode = exitCodeOf(problem);
    });
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
    exitCode = isPluginAsked(args) ? unknownCode : exitCodeOf(error);
    const line = isPluginAsked(args) ? unknownLine(args, error) : null;
    if (isJsonAsked(args)) output.fail(error);
    if (line === null) {
      const lines = describeError(error, { verbose: args.includes('--verbose') || args.includes('-v') });
      process.stderr.write(`${lines.join('\n')}\n`);
    } else if (!isJsonAsked(args)) output.print(line);
  } finally {
    forget();
  }
  output.end(exitCode);
  process.exitCode = exitCode === EX.OK && lost.length > 0 ? exitCodeOf(lost[0]) : exitCode;
}

function outputLost(cause: NodeJS.ErrnoException): RoamhomeError {
  return new RoamhomeError({
    code: 'output-unwritable',
    message: `the output cannot be written: ${cause.message}`,
    remedy: 'Free space where it is redirected to. The work of the command is done.',
    cause,
  });
}
