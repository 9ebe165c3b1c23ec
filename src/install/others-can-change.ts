import { lstat, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * What others than root could replace the file by: itself, or a directory on the way to it, also behind links. Null:
 * nobody can.
 */
export async function othersCanChange(path: string): Promise<string | null> {
  for (const way of new Set([path, await realpath(path)])) {
    for (let at = way; ; at = dirname(at)) {
      const { uid, mode } = await lstat(at);
      const isLink = (mode & 0o170000) === 0o120000;
      // In a sticky directory only the owner of an entry replaces it.
      const isOpen = !isLink && (mode & 0o022) !== 0 && (mode & 0o1000) === 0;
      if (uid !== 0 || isOpen) return at;
      if (at === dirname(at)) break;
    }
  }
  return null;
}

/** A file, and what others than root could replace it by. */
export interface WeakFile {
  readonly path: string;
  readonly place: string;
}

/** Those of the files that others than root could replace. */
export async function weakFiles(paths: readonly string[]): Promise<readonly WeakFile[]> {
  const found: WeakFile[] = [];
  for (const path of paths) {
    const place = await othersCanChange(path);
    if (place !== null) found.push({ path, place });
  }
  return found;
}
