import { execa } from 'execa';
import { OUTPUT_LIMIT_BYTES, spawnError, tooMuchOutputError } from './command-errors.ts';
import type { Argv, CommandResult, Host, RunningCommand, RunOptions } from './host.ts';
import { startLimits } from './limits.ts';
import { KILL_DELAY_MS, startLocally } from './local-stream.ts';

export interface LocalHostOptions {
  /** For messages: `this Mac`. */
  readonly name: string;
  /** The directories in which programs are looked for, in order. The parent's PATH is not used. */
  readonly path: readonly string[];
  /** Where a program is, absolute, when it is not looked for in `path`; null: it is nowhere. */
  readonly locate?: (program: string) => string | null;
  /** More variables for the commands. They see these, PATH and LC_ALL=C, and nothing of the parent's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whose rights the commands have, without any further group; the process's own when not given. Root may choose. */
  readonly as?: Identity;
}

/** A user and a group by their numbers. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** Runs commands on this machine, each as a child process with a minimal environment and `/` as its directory. */
export function createLocalHost(options: LocalHostOptions): Host {
  const searchPath = options.path.join(':');
  const env = { ...options.env, PATH: searchPath, LC_ALL: 'C' };
  // With a uid libuv gives up the supplementary groups too: setgroups(0) in its uv__process_child_init.
  const as = options.as === undefined ? {} : { uid: options.as.uid, gid: options.as.gid };
  const locate = ([program]: Argv): string => {
    const found = options.locate === undefined ? program : options.locate(program);
    if (found === null)
      throw spawnError([program], searchPath, Object.assign(new Error(program), { code: 'ENOENT' }));
    return found;
  };
  const closing = new AbortController();
  const active = new Set<Promise<unknown>>();

  /** Keeps the book that close() waits for. Whoever asked for the command sees how it ended. */
  function track<T>(command: Promise<T>): Promise<T> {
    const settled: Promise<unknown> = command.then(
      () => active.delete(settled),
      () => active.delete(settled),
    );
    active.add(settled);
    return command;
  }

  async function run(argv: Argv, runOptions: RunOptions = {}): Promise<CommandResult> {
    const limits = startLimits(argv, runOptions, closing.signal);
    try {
      limits.signal.throwIfAborted();
      return await runToEnd(argv, limits.signal);
    } finally {
      limits.release();
    }
  }

  async function runToEnd([program, ...words]: Argv, signal: AbortSignal): Promise<CommandResult> {
    const argv: Argv = [program, ...words];
    const result = await execa(locate(argv), words, {
      ...as,
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
    });
    if (result.isCanceled) throw signal.reason as Error;
    if (result.isMaxBuffer) {
      throw tooMuchOutputError(argv, result.stdout.length >= OUTPUT_LIMIT_BYTES ? 'stdout' : 'stderr');
    }
    const { stdout, stderr, exitCode = null, signal: endSignal = null } = result;
    if (exitCode === null && endSignal === null) throw spawnError(argv, searchPath, result);
    return { stdout, stderr, exitCode, signal: endSignal };
  }

  async function stream(argv: Argv, runOptions: RunOptions = {}): Promise<RunningCommand> {
    const file = locate(argv);
    const command = await startLocally(
      argv,
      { ...as, env, file },
      startLimits(argv, runOptions, closing.signal),
    );
    void track(command.done);
    return command;
  }

  async function close(): Promise<void> {
    closing.abort(new Error('the host was closed'));
    await Promise.all(active);
  }

  return { name: options.name, run: (argv, runOptions) => track(run(argv, runOptions)), stream, close };
}
