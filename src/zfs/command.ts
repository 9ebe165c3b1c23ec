import type { Argv } from '../host/host.ts';

/** A zfs command as a value: what would run, whether it changes anything, and what its output means. */
export interface ZfsCommand<T> {
  readonly argv: Argv;
  readonly mutates: boolean;
  /** What it reads; none: nothing. */
  readonly input?: string;
  /** What is to be asked in its place when its output cannot be believed; null: it can. */
  readonly instead?: (stdout: string) => ZfsCommand<T> | null;
  /** What of its output is worth a word, though it was understood. */
  readonly remarks?: (stdout: string) => readonly string[];
  /** Throws `zfs-output-unknown` on anything it does not understand. */
  readonly parse: (stdout: string) => T;
}

/** For commands that print nothing of interest. */
export const noOutput = (): void => undefined;
