/**
 * A process that holds or wants a lock, by the name of its file: `<pid>-<start>-<random>`. The start tells it from
 * later processes with its pid, the random part from its own other attempts: a name is never used twice.
 */
export interface LockEntry {
  readonly file: string;
  readonly pid: number;
  readonly start: string;
}

/** What the file of an entry says to people. Only whether a session asks it to end is decided by it. */
export interface LockNote {
  readonly pid: number;
  /** What the holder is doing: `login`. */
  readonly what: string;
  /** ISO 8601, UTC. */
  readonly since: string;
}

/** The file's name for a process's attempt. `start` is a word of [A-Za-z0-9_.], `random` of [0-9a-f]. */
export function entryName(pid: number, start: string, random: string): string {
  return `${pid}-${start}-${random}`;
}

/** Null for a file that no run of ours has made. */
export function parseEntryName(file: string): LockEntry | null {
  const [, pid, start] = /^(\d{1,10})-([A-Za-z0-9_.]+)-[0-9a-f]{16}$/.exec(file) ?? [];
  return pid === undefined || start === undefined ? null : { file, pid: Number(pid), start };
}

/** Null for a note that is not (yet) whole: its writer was between creating and writing, or was killed there. */
export function parseNote(text: string): LockNote | null {
  let note: unknown;
  try {
    note = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof note !== 'object' || note === null) return null;
  const { pid, what, since } = note as Readonly<Record<string, unknown>>;
  return typeof pid === 'number' && typeof what === 'string' && typeof since === 'string'
    ? { pid, what, since }
    : null;
}
