import { execa } from 'execa';
import {
  cancelledError,
  OUTPUT_LIMIT_BYTES,
  spawnError,
  timedOutError,
  tooMuchOutputError,
} from './command-errors.ts';
import type { Argv, CommandResult, Host, RunningCommand, RunOptions } from './host.ts';
import { KILL_DELAY_MS, startLocally } from './local-stream.ts';

export interface LocalHostOptions {
  /** For messages: `this Mac`. */
  readonly name: string;
  /** The directories in which programs are looked for, in order. The parent's PATH is not used. */
  readonly path: readonly string[];
  /** More variables for the commands. They see these, PATH and LC_ALL=C, and nothing of the parent's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs commands on this machine, each as a child process with a minimal environment and `/` as its directory. */
export function createLocalHost(options: LocalHostOptions): Host {
  const active = new Set<Promise<unknown>>();
  const searchPath = options.path.join(':');
  const env = { ...options.env, PATH: searchPath, LC_ALL: 'C' };
  const closing = new AbortController();

  /** The caller's wish to stop and ours, as one signal. */
  function stopSignal(runOptions: RunOptions): AbortSignal {
    return runOptions.signal === undefined
      ? closing.signal
      : AbortSignal.any([runOptions.signal, closing.signal]);
  }

  /** Keeps the book that close() waits for. Whoever asked for the command sees how it ended. */
  function track<T>(command: Promise<T>): Promise<T> {
    const settled: Promise<unknown> = command.then(
      () => active.delete(settled),
      () => active.delete(settled),
    );
    active.add(settled);
    return command;
  }

  async function runChild(argv: Argv, runOptions: RunOptions): Promise<CommandResult> {
    const signal = stopSignal(runOptions);
    if (signal.aborted) throw cancelledError(argv, signal.reason);
    const [program, ...words] = argv;
    const result = await execa(program, words, {
      env,
      extendEnv: false,
      // Not the caller's directory: a command that stands in a home keeps it from being unmounted.
      cwd: '/',
      stdin: 'ignore',
      reject: false,
      stripFinalNewline: false,
      maxBuffer: OUTPUT_LIMIT_BYTES,
      forceKillAfterDelay: KILL_DELAY_MS,
      cancelSignal: signal,
      ...(runOptions.timeoutMs === undefined ? {} : { timeout: runOptions.timeoutMs }),
    });
    if (result.isCanceled) throw cancelledError(argv, signal.reason);
    if (result.timedOut) throw timedOutError(argv, runOptions.timeoutMs ?? 0);
    if (result.isMaxBuffer) throw tooMuchOutputError(argv, 'stdout');
    if (result.exitCode === undefined && result.signal === undefined) {
      throw spawnError(argv, searchPath, result.cause ?? result);
    }
    return {
      stdout: result.stdout,
      stderr: result.stderr,
      exitCode: result.exitCode ?? null,
      signal: result.signal ?? null,
    };
  }

  async function stream(argv: Argv, runOptions: RunOptions = {}): Promise<RunningCommand> {
    const command = await startLocally(argv, env, { ...runOptions, signal: stopSignal(runOptions) });
    void track(command.done);
    return command;
  }

  async function close(): Promise<void> {
    closing.abort(new Error('the host was closed'));
    await Promise.all(active);
  }

  return {
    name: options.name,
    run: (argv, runOptions = {}) => track(runChild(argv, runOptions)),
    stream,
    close,
  };
}
