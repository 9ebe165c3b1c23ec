import { lstat, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RoamhomeError } from '../../errors/errors.ts';
import { replaceFile } from '../../host/replace-file.ts';
import { parseUserName } from '../../zfs/names.ts';

/**
 * The homes on this Mac that have something for the server: a file for each, by the user's name, so that launchd or
 * systemd can watch the directory. Only a hint of where to look: what there is to send, the two sides tell.
 */
export interface Spool {
  /** `since`: ISO 8601. A home that is there already keeps its file. */
  add(user: string, since: string): Promise<void>;
  /** The same of a home that lacks more than being sent; one that is there already keeps its time. */
  addLacking(user: string, since: string, lack: Lack): Promise<void>;
  /** A home that is there lacks nothing more than being sent; of one that is not, nothing is noted. */
  secured(user: string): Promise<void>;
  /** Idempotent. */
  remove(user: string): Promise<void>;
  /** In the order of their names. */
  list(): Promise<readonly PendingHome[]>;
}

/**
 * `logout`: one has begun, and not come so far as to make a snapshot. `snapshot`: something of the home is in none. `unmount`: it
 * is in one, but the home was still mounted then, so that another one is to follow. `session`: the same, and nothing is amiss: another
 * session of the user went on at the logout. Once that is over the home is to be unmounted.
 */
export type Lack = (typeof lacks)[number];

const lacks = ['logout', 'snapshot', 'unmount', 'session'] as const;

export interface PendingHome {
  readonly user: string;
  /** ISO 8601; null: its file does not say it. */
  readonly since: string | null;
  /** What it lacks besides being sent; null: nothing. */
  readonly lacks: Lack | null;
}

/** The spool in a directory, which is made if need be: root's alone, for root acts on what is in it. */
export function createSpool(directory: string): Spool {
  const fileOf = (user: string): string => join(directory, parseUserName(user));

  /** `lackNow` gives what the home lacks from what it lacked; undefined: its file is not touched. */
  const write = (
    user: string,
    since: string,
    lackNow: (was: Pick<PendingHome, 'lacks'> | null) => Lack | null | undefined,
  ): Promise<void> =>
    onDisk(directory, async () => {
      await ensureOwn(directory);
      const file = fileOf(user);
      const text = await readPending(file);
      const was = text === null ? null : parsePending(text);
      const lack = lackNow(was);
      if (lack === undefined || was?.lacks === lack) return;
      // What is under way has a dot in front, as no user has.
      const note = { since: was?.since ?? since, ...(lack !== null && { lacks: lack }) };
      await replaceFile(file, `${JSON.stringify(note)}\n`);
    });

  return {
    add: (user, since) => write(user, since, (was) => (was === null ? null : undefined)),
    addLacking: (user, since, lack) => write(user, since, () => lack),
    secured: (user) => write(user, '', (was) => (was === null ? undefined : null)),
    remove: (user) => onDisk(directory, () => rm(fileOf(user), { force: true })),
    list: () =>
      onDisk(directory, async () => {
        const names = await readdir(directory).catch((error: unknown) => {
          if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
          throw error;
        });
        const found: PendingHome[] = [];
        for (const user of names.filter((name) => !name.startsWith('.')).sort()) {
          const text = await readPending(join(directory, user));
          if (text !== null) found.push({ user, ...parsePending(text) });
        }
        return found;
      }),
  };
}

async function readPending(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function parsePending(text: string): Omit<PendingHome, 'user'> {
  try {
    const { since, lacks: lack } = (JSON.parse(text) ?? {}) as Readonly<Record<string, unknown>>;
    return {
      since: typeof since === 'string' && !Number.isNaN(Date.parse(since)) ? since : null,
      lacks: lacks.find((one) => one === lack) ?? null,
    };
  } catch {
    return { since: null, lacks: null };
  }
}

async function ensureOwn(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const { uid, mode } = await lstat(directory);
  if (uid !== process.geteuid?.() || (mode & 0o022) !== 0)
    throw unusable(directory, 'others can write in it');
}

async function onDisk<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof RoamhomeError || code === undefined) throw error;
    throw unusable(directory, code, error);
  }
}

function unusable(directory: string, why: string, cause?: unknown): RoamhomeError {
  return new RoamhomeError({
    code: 'state-unusable',
    message: `cannot note in ${directory} which homes are to be sent: ${why}`,
    remedy: 'Make it a directory of root alone (mode 0700), or set local.spoolDir to another.',
    cause,
  });
}
