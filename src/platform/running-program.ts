/** A process with what it was started with. */
export interface RunningProgram {
  readonly pid: number;
  /** The effective user. */
  readonly uid: number;
  /** Tells it from every other process that had or will have its pid (`FindProcessStart`). */
  readonly start: string;
  readonly ageMs: number;
  readonly argv: readonly string[];
}

/** How programs that others started are seen and ended; tests put their own in place. */
export interface RunningPrograms {
  list(): readonly RunningProgram[] | Promise<readonly RunningProgram[]>;
  /** Ends that very process, and waits until it has ended: TERM, then KILL. False: it had ended before, or does not end. */
  end(program: RunningProgram, signal?: AbortSignal): Promise<boolean>;
}

/** For systems where this is not known: nothing is ever seen, or ended. */
export const noRunningPrograms: RunningPrograms = {
  list: () => [],
  end: () => Promise.resolve(false),
};
