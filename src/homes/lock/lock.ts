import { randomBytes, randomInt } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RoamhomeError } from '../../errors/errors.ts';
import type { FindProcessStart } from '../../platform/process-start.ts';
import { checkUserName } from '../../platform/user-name.ts';
import { lockDirectory, onDisk } from './lock-directory.ts';
import { entryName, parseEntryName, parseNote, type LockEntry, type LockNote } from './lock-entry.ts';

export interface LockRequest {
  readonly user: string;
  /** What the holder is doing, for the others: `login`. */
  readonly what: string;
  /** How long to wait for others. 0: one try. */
  readonly waitMs: number;
  readonly signal?: AbortSignal;
  /** Called when the lock is found taken and waiting begins, and again for each other run that takes it meanwhile. */
  readonly onWait?: (holder: Holder) => void;
}

/** Who has the lock: its note where that is whole. */
export type Holder = { readonly pid: number } & Partial<LockNote>;

/** Gives the lock back. Idempotent. */
export type Release = () => Promise<void>;

export type AcquireLock = (request: LockRequest) => Promise<Release>;

// Random, so that two that met at the free lock and both stepped back do not meet again.
const pollMs = { least: 20, most: 80 } as const;

/**
 * Locks, one per user, held by processes: of two runs for a user one waits. A lock is a directory with a file for each
 * process that holds or wants it. Whoever wants it adds its own file, and has the lock if the directory then holds no
 * file of another live process; else it takes its file away and tries again later. Of two that try at once, the one
 * that lists last sees the other, so never both have it. Files of dead processes count for nothing and are removed
 * by anyone: no name is used twice, so that never removes the file of a live one.
 */
export function createLocks(options: { stateDir: string; findProcessStart: FindProcessStart }): AcquireLock {
  const { stateDir, findProcessStart } = options;

  /** Files of other live processes (and of other attempts of this one). Removes those of dead ones. */
  async function findOthers(directory: string, own: string | null): Promise<readonly LockEntry[]> {
    const others: LockEntry[] = [];
    for (const file of await readdir(directory)) {
      // What is not an entry (.DS_Store) is nobody's claim: entries have their final name from the start.
      const entry = parseEntryName(file);
      if (entry === null || file === own) continue;
      if ((await findProcessStart(entry.pid)) === entry.start) others.push(entry);
      else await rm(join(directory, file), { force: true });
    }
    return others;
  }

  async function describeHolder(directory: string, entry: LockEntry): Promise<Holder> {
    try {
      return { pid: entry.pid, ...parseNote(await readFile(join(directory, entry.file), 'utf8')) };
    } catch (error) {
      // Given back in the meantime.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { pid: entry.pid };
      throw error;
    }
  }

  return async function acquireLock({ user, what, waitMs, signal, onWait }) {
    checkUserName(user);
    const directory = await lockDirectory(stateDir, user);
    const start = await findProcessStart(process.pid);
    if (start === null) throw new Error(`process ${process.pid} does not find itself among the processes`);
    const until = performance.now() + waitMs;
    let told: { readonly file: string; readonly what: string | undefined } | null = null;

    /** The way to give the lock back, or one who was before us. */
    const attempt = async (): Promise<LockEntry | Release> => {
      const [before] = await findOthers(directory, null);
      if (before !== undefined) return before;
      const file = entryName(process.pid, start, randomBytes(8).toString('hex'));
      const path = join(directory, file);
      const note: LockNote = { pid: process.pid, what, since: new Date().toISOString() };
      const release: Release = () => onDisk(directory, () => rm(path, { force: true }));
      try {
        await writeFile(path, JSON.stringify(note), { flag: 'wx', mode: 0o600 });
        const [other] = await findOthers(directory, file);
        if (other === undefined) return release;
        await release();
        return other;
      } catch (error) {
        await release();
        throw error;
      }
    };

    return onDisk(directory, async () => {
      for (;;) {
        if (signal?.aborted === true) throw cancelled(user, signal.reason);
        const outcome = await attempt();
        if (typeof outcome === 'function') return outcome;
        const rest = until - performance.now();
        // A note may be on its way to the disk: until it is there it is looked at again.
        if (rest <= 0 || told?.file !== outcome.file || told.what === undefined) {
          const holder = await describeHolder(directory, outcome);
          if (rest <= 0) throw locked(user, holder);
          if (told?.file !== outcome.file || told.what !== holder.what) onWait?.(holder);
          told = { file: outcome.file, what: holder.what };
        }
        try {
          await delay(
            Math.min(rest, randomInt(pollMs.least, pollMs.most)),
            undefined,
            signal === undefined ? {} : { signal },
          );
        } catch (error) {
          throw cancelled(user, error);
        }
      }
    });
  };
}

function locked(user: string, holder: Holder): RoamhomeError {
  const doing =
    holder.what === undefined ? '' : ` (${holder.what}, since ${holder.since ?? 'an unknown time'})`;
  return new RoamhomeError({
    code: 'locked',
    message: `another run for ${user} is under way: process ${holder.pid}${doing}`,
    remedy: 'Wait until it has ended; if it hangs, end that process: its lock goes with it.',
    retryable: true,
  });
}

function cancelled(user: string, cause: unknown): RoamhomeError {
  return new RoamhomeError({
    code: 'cancelled',
    message: `waiting for the other run for ${user} was cancelled`,
    remedy: 'Run it again.',
    retryable: true,
    cause,
  });
}
