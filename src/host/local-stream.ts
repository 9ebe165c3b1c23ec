import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import {
  cancelledError,
  OUTPUT_LIMIT_BYTES,
  spawnError,
  timedOutError,
  tooMuchOutputError,
} from './command-errors.ts';
import type { Argv, CommandResult, RunningCommand, RunOptions } from './host.ts';
import { StderrLines } from './stderr-lines.ts';
import { watchLimits } from './watch-limits.ts';

/** Milliseconds between TERM and KILL for a command that does not end by itself. */
export const KILL_DELAY_MS = 5000;

/**
 * Starts a child whose stdin and stdout are the child's own pipes. Not by execa: with `buffer: false` it resumes an
 * output that nobody reads in the same turn of the event loop, and a send that starts before its receiver is there
 * would lose its first bytes.
 */
export async function startLocally(
  argv: Argv,
  env: Readonly<Record<string, string>>,
  options: RunOptions,
): Promise<RunningCommand> {
  const { signal } = options;
  if (signal?.aborted === true) throw cancelledError(argv, signal.reason);
  const [program, ...words] = argv;
  const child = spawn(program, words, { env, cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] });
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw spawnError(argv, env['PATH'] ?? '', cause);
  }
  return watchChild(child, argv, options);
}

function watchChild(child: ChildProcessWithoutNullStreams, argv: Argv, options: RunOptions): RunningCommand {
  const stderr = new StderrLines();
  let killTimer: NodeJS.Timeout | undefined;
  let ended: Error | undefined;

  // A pipe that breaks because the child has ended is told by the exit code (and by the writer's callback);
  // without a listener it would be an uncaught exception.
  child.stdin.on('error', () => undefined);
  child.stdout.on('error', () => undefined);
  child.stderr.on('data', (chunk: Buffer) => {
    stderr.push(chunk);
    if (stderr.bytes > OUTPUT_LIMIT_BYTES) end(tooMuchOutputError(argv, 'stderr'));
  });

  function kill(): void {
    if (killTimer !== undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    killTimer = setTimeout(() => child.kill('SIGKILL'), KILL_DELAY_MS);
  }

  function end(error: Error): void {
    ended ??= error;
    kill();
  }

  const unwatch = watchLimits(options, {
    onAbort: (reason) => {
      end(cancelledError(argv, reason));
    },
    onTimeout: (timeoutMs) => {
      end(timedOutError(argv, timeoutMs));
    },
  });

  const done = new Promise<CommandResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => {
      clearTimeout(killTimer);
      // 'close' waits until the output is read, and the reader of a command that was ended may have gone.
      if (ended !== undefined || killTimer !== undefined) {
        child.stdout.destroy(ended);
        child.stdin.destroy();
        child.stderr.destroy();
      }
    });
    child.once('close', (exitCode, signalName) => {
      unwatch();
      stderr.end();
      if (ended === undefined) resolve({ stdout: '', stderr: stderr.text(), exitCode, signal: signalName });
      else reject(ended);
    });
  });
  // A caller may look at `done` only after its streams have failed; until then the rejection is not unhandled.
  done.catch(() => undefined);

  return {
    stdin: child.stdin,
    stdout: child.stdout,
    onStderrLine: (listener) => {
      stderr.onLine(listener);
    },
    done,
    kill,
  };
}
