import type { Argv } from 'yargs';
import type { Interruption } from './abort-at-signal.ts';

/** The options that every command takes. */
export interface GlobalOptions {
  /** A file of settings instead of the machine's own. */
  readonly config: string | undefined;
  /** `key=value`, in order. */
  readonly set: readonly string[];
  readonly verbose: boolean;
}

/** The fields of a command's own in its JSON document (docs/reference/json.md). */
export type JsonDocument = Readonly<Record<string, unknown>>;

/** What a command gets from the process. */
export interface CliContext {
  /** Aborted at the first SIGINT, SIGTERM or SIGHUP, with a RoamhomeError `cancelled` as its reason. */
  readonly signal: AbortSignal;
  /** Work on one home of several, which alone ends when a session waits for that home. */
  readonly forOneHome: Interruption['forOneHome'];
  /**
   * Writes a line (or several) to standard output. An object is the run's one JSON document: it is written at the end, when it is known
   * how the run ended.
   */
  readonly print: (what: string | JsonDocument) => void;
  /** A failure of a part, which the command went on without: for the JSON document, unless that names its problems itself. */
  readonly noteProblem: (error: Error) => void;
  /** The exit code of a command that ends without an error. */
  readonly setExitCode: (code: number) => void;
}

/** Adds a command to the program. What the command needs is imported in its handler: starting stays cheap. */
export type RegisterCommand = (program: Argv<GlobalOptions>, context: CliContext) => void;
