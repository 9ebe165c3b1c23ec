import { lstat, readlink } from 'node:fs/promises';

export type EntryKind = 'file' | 'directory' | 'symlink' | 'other';

/** What lies at a path, itself: a symlink is never followed. */
export interface Entry {
  readonly kind: EntryKind;
  readonly bytes: number;
  /** Nanoseconds since the epoch. */
  readonly mtimeNs: bigint;
  /** The permission bits, with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** The file system that it is on. */
  readonly device: bigint;
  /** Where a symlink leads, as it is written there. */
  readonly target: Buffer | null;
}

/** null: there is nothing. Rejects with what the system says of a path that cannot be looked at. */
export async function entryAt(path: Buffer): Promise<Entry | null> {
  try {
    const found = await lstat(path, { bigint: true });
    const kind = found.isFile()
      ? 'file'
      : found.isDirectory()
        ? 'directory'
        : found.isSymbolicLink()
          ? 'symlink'
          : 'other';
    return {
      kind,
      bytes: Number(found.size),
      mtimeNs: found.mtimeNs,
      mode: Number(found.mode & 0o7777n),
      uid: Number(found.uid),
      gid: Number(found.gid),
      device: found.dev,
      target: kind === 'symlink' ? await readlink(path, { encoding: 'buffer' }) : null,
    };
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** True for what a system call says of a path where there is nothing. */
export function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** How two entries of one path differ. */
export type Aspect = 'kind' | 'content' | 'target' | 'mode' | 'owner';

/**
 * How two entries differ, as far as it shows from outside; `content-unknown`: files of one size and another time, whose
 * content has to be read. Size and time of a directory say nothing. Pure.
 */
export function aspectsOf(a: Entry, b: Entry): readonly (Aspect | 'content-unknown')[] {
  if (a.kind !== b.kind) return ['kind'];
  const found: (Aspect | 'content-unknown')[] = [];
  if (a.kind === 'file' && a.bytes !== b.bytes) found.push('content');
  else if (a.kind === 'file' && a.mtimeNs !== b.mtimeNs) found.push('content-unknown');
  if (a.target !== null && b.target !== null && !a.target.equals(b.target)) found.push('target');
  // Nobody sets the mode of a symlink, and systems differ in what they show.
  if (a.kind !== 'symlink' && a.mode !== b.mode) found.push('mode');
  if (a.uid !== b.uid || a.gid !== b.gid) found.push('owner');
  return found;
}
