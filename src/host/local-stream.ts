import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough, pipeline } from 'node:stream';
import { OUTPUT_LIMIT_BYTES, spawnError, tooMuchOutputError } from './command-errors.ts';
import type { Argv, CommandResult, RunningCommand } from './host.ts';
import type { Limits } from './limits.ts';
import { StderrLines } from './stderr-lines.ts';

/** Milliseconds between TERM and KILL for a command that does not end by itself. */
export const KILL_DELAY_MS = 5000;

/** As much of an output as is taken from a child before anybody reads it, besides what its pipe holds. */
const HELD_BYTES = 256 * 1024;

/**
 * Starts a child. Not by execa: with `buffer: false` it resumes an output that nobody reads in the same turn of the event
 * loop, and a send that starts before its receiver is there would lose its first bytes. Releases `limits` when the child has
 * ended.
 */
export async function startLocally(
  argv: Argv,
  {
    env,
    file,
    ...as
  }: {
    readonly env: Readonly<Record<string, string>>;
    /** What is started for the first word. */
    readonly file: string;
    readonly uid?: number;
    readonly gid?: number;
  },
  limits: Limits,
): Promise<RunningCommand> {
  const [, ...words] = argv;
  try {
    limits.signal.throwIfAborted();
    const child = spawn(file, words, { ...as, env, cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] });
    await once(child, 'spawn').catch((cause: unknown) => {
      throw spawnError(argv, env['PATH'] ?? '', cause);
    });
    return followChild(child, argv, limits);
  } catch (error) {
    limits.release();
    throw error;
  }
}

function followChild(child: ChildProcessWithoutNullStreams, argv: Argv, limits: Limits): RunningCommand {
  const stderr = new StderrLines();
  // Not the child's own: once a child has ended Node resumes what nobody reads yet, and throws it away (flushStdio). A send
  // of a few KiB has ended before a busy server has started its receiver.
  const stdout = new PassThrough({ highWaterMark: HELD_BYTES });
  let killTimer: NodeJS.Timeout | undefined;
  let reason: Error | undefined;

  function kill(): void {
    if (killTimer !== undefined) return;
    if (child.exitCode !== null || child.signalCode !== null) {
      // What it left behind is not wanted any more, and is not to keep `done` waiting.
      stdout.destroy();
      return;
    }
    child.kill('SIGTERM');
    killTimer = setTimeout(() => child.kill('SIGKILL'), KILL_DELAY_MS);
  }

  function end(error: Error): void {
    reason ??= error;
    // At once: a moment later the pipe may have ended by itself, and a reader would take that for all there is.
    stdout.destroy(reason);
    kill();
    child.stdin.destroy();
  }

  // A pipe that breaks because the child has ended is told by the exit code (and by the writer's callback);
  // without a listener it would be an uncaught exception.
  child.stdin.on('error', () => undefined);
  stdout.on('error', () => undefined);
  // Whichever of the two is destroyed, so is the other.
  pipeline(child.stdout, stdout, () => undefined);
  child.stderr.on('data', (chunk: Buffer) => {
    stderr.push(chunk);
    if (stderr.bytes > OUTPUT_LIMIT_BYTES) end(tooMuchOutputError(argv, 'stderr'));
  });
  const onAbort = (): void => {
    end(limits.signal.reason as Error);
  };
  limits.signal.addEventListener('abort', onAbort);
  if (limits.signal.aborted) onAbort();

  const drained = new Promise<void>((resolve) => {
    stdout.once('close', resolve);
  });
  const done = new Promise<CommandResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => {
      clearTimeout(killTimer);
      // The end waits until the output is read, and the reader of a command that was ended may have gone.
      if (killTimer === undefined) return;
      stdout.destroy();
      child.stdin.destroy();
      child.stderr.destroy();
    });
    child.once('close', (exitCode, signal) => {
      void drained.then(() => {
        limits.release();
        limits.signal.removeEventListener('abort', onAbort);
        stderr.end();
        if (reason === undefined) resolve({ stdout: '', stderr: stderr.text(), exitCode, signal });
        else reject(reason);
      });
    });
  });
  // A caller may look at `done` only after its streams have failed; until then the rejection is not unhandled.
  done.catch(() => undefined);

  return {
    stdin: child.stdin,
    stdout,
    onStderrLine: (listener) => {
      stderr.onLine(listener);
    },
    done,
    kill,
  };
}
