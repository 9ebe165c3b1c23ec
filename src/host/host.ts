import type { Readable, Writable } from 'node:stream';

/** A program and its arguments. Never a shell string. */
export type Argv = readonly [program: string, ...words: string[]];

/** A command that has ended. `exitCode` is null when a signal ended it. */
export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
}

export interface RunOptions {
  /** Ends the command (TERM, then KILL; on a remote host the channel is closed) and rejects with `cancelled`. */
  readonly signal?: AbortSignal;
  /** Milliseconds until the command is ended and `timed-out` is thrown. None: no limit. */
  readonly timeoutMs?: number;
}

/** A command under way whose data are streamed. stderr is never lost: it is in `done` too. */
export interface RunningCommand {
  /** `end()` is the command's end of file. Errors with EPIPE when the command ends without reading all of it. */
  readonly stdin: Writable;
  /**
   * Has to be read to its end, or resumed (`stdout.resume()`), for `done` to settle. Nothing is lost before someone
   * reads. Errors when the command is cancelled, timed out or cut off; only `done` tells whether its end is all.
   */
  readonly stdout: Readable;
  /** Calls back with each complete stderr line, without its newline; also for lines that came before the call. */
  onStderrLine(listener: (line: string) => void): void;
  /**
   * Settles when the command has ended and its streams are drained. Resolves with any exit code (stdout is
   * empty: it was streamed); rejects when the command could not run or the connection was lost.
   */
  readonly done: Promise<CommandResult>;
  /** Ends the command. Idempotent. */
  kill(): void;
}

/**
 * Where commands run. A non-zero exit is a result, not an error: the caller knows what it means. Rejects with
 * RoamhomeError: `cancelled` and `timed-out`; a local host `zfs-not-installed` (a missing zfs) or `command-failed`
 * (any other program that does not start, or more output than fits into memory); a remote one `server-unreachable`,
 * `connection-lost`, `host-key-*`, `auth-refused`, `key-unusable`, `command-refused` and `name-invalid`.
 * Every command runs under LC_ALL=C.
 */
export interface Host {
  /** For messages: `this Mac`, or the server's address. */
  readonly name: string;
  run(argv: Argv, options?: RunOptions): Promise<CommandResult>;
  /** Starts a command with piped stdin and stdout; awaits only until it has been started. */
  stream(argv: Argv, options?: RunOptions): Promise<RunningCommand>;
  /** Ends what is still running, closes connections. Idempotent. */
  close(): Promise<void>;
}
