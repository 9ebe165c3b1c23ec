import { lstat, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RoamhomeError } from '../errors/errors.ts';
import { replaceFile } from '../host/replace-file.ts';
import { parseUserName } from '../zfs/names.ts';

/**
 * The homes on this Mac that have something for the server: a file for each, by the user's name, so that launchd or
 * systemd can watch the directory. Only a hint of where to look: what there is to send, the two sides tell.
 */
export interface Spool {
  /** `since`: ISO 8601. A home that is there already keeps its file. */
  add(user: string, since: string): Promise<void>;
  /** Idempotent. */
  remove(user: string): Promise<void>;
  /** In the order of their names. */
  list(): Promise<readonly PendingHome[]>;
}

export interface PendingHome {
  readonly user: string;
  /** ISO 8601; null: its file does not say it. */
  readonly since: string | null;
}

/** The spool in a directory, which is made if need be: root's alone, for root acts on what is in it. */
export function createSpool(directory: string): Spool {
  const fileOf = (user: string): string => join(directory, parseUserName(user));

  return {
    add: async (user, since) => {
      await onDisk(directory, async () => {
        await ensureOwn(directory);
        const file = fileOf(user);
        if ((await readPending(file)) !== null) return;
        // What is under way has a dot in front, as no user has.
        await replaceFile(file, `${JSON.stringify({ since })}\n`);
      });
    },
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
          if (text !== null) found.push({ user, since: sinceOf(text) });
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

function sinceOf(text: string): string | null {
  try {
    const { since } = (JSON.parse(text) ?? {}) as { readonly since?: unknown };
    return typeof since === 'string' && !Number.isNaN(Date.parse(since)) ? since : null;
  } catch {
    return null;
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
