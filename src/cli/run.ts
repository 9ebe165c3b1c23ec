import { EX, exitCodeOf } from '../errors/exit-codes.ts';
import { abortAtSignal } from './abort-at-signal.ts';
import { commands } from './commands.ts';
import type { RegisterCommand } from './context.ts';
import { runProgram } from './program.ts';
import { describeError } from './report-error.ts';

/** Runs a command line to its end and sets process.exitCode; errors are reported on standard error. */
export async function run(
  args: readonly string[],
  register: readonly RegisterCommand[] = commands,
): Promise<void> {
  // `roamhome ... | head`: whoever read our output has gone, which is no failure of ours.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreBrokenPipe);
  const { signal, forget } = abortAtSignal();
  let exitCode: number = EX.OK;
  try {
    const context = {
      signal,
      print: (text: string) => void process.stdout.write(`${text}\n`),
      setExitCode: (code: number) => void (exitCode = code),
    };
    await runProgram(args, context, register);
  } catch (error) {
    exitCode = exitCodeOf(error);
    const lines = describeError(error, { verbose: args.includes('--verbose') || args.includes('-v') });
    process.stderr.write(`${lines.join('\n')}\n`);
  } finally {
    forget();
  }
  process.exitCode = exitCode;
}

function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
