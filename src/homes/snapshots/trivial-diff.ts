import type { DiffEntry, DiffPath } from '../../zfs/commands/diff.ts';
import { trivialKind } from './trivial-paths.ts';

/** More of them count as a difference: nobody waits at a login for each to be looked at. */
const mostFiles = 1000;
const mostDirectories = 100;

/** A file that may be given up if it is what its name says; `in`: where it is to be looked at. */
export interface TrivialFile {
  readonly path: string;
  readonly in: 'snapshot' | 'dataset';
  /** In one of the directories that only root writes to, where other types than plain files stand too. */
  readonly inTree: boolean;
}

/** A diff that names only what may be given up, as far as names can tell. Paths are relative to the dataset's root. */
export interface TrivialDiff {
  readonly files: readonly TrivialFile[];
  /** In which such a file was made, removed or renamed: nothing else about them may differ. */
  readonly directories: readonly string[];
}

/**
 * Reads a diff until a line says that something of the user's differs: null. What is not understood counts as that.
 * `mountpoint`: where the dataset is mounted.
 */
export async function collectTrivial(
  entries: AsyncIterable<DiffEntry>,
  mountpoint: string,
): Promise<TrivialDiff | null> {
  const files: TrivialFile[] = [];
  const directories = new Set<string>();
  const explained = new Set<string>();
  for await (const entry of entries) {
    const paths = pathsOf(entry, mountpoint);
    if (paths === null) return null;
    const [path] = paths;
    if (entry.change === 'modified' && entry.type === 'directory' && trivialKind(path) === null) {
      directories.add(path);
    } else {
      if (!paths.every((each) => isTrivial(entry, each))) return null;
      if (entry.type !== 'directory') files.push(fileOf(entry, paths));
      if (entry.change !== 'modified') for (const each of paths) explained.add(parentOf(each));
    }
    if (files.length > mostFiles || directories.size > mostDirectories) return null;
  }
  // Another name came or went there, or its mode or its tags were changed.
  if ([...directories].some((path) => !explained.has(path))) return null;
  return { files, directories: [...directories] };
}

/** Where the object is, and where it was if it was renamed; null: not in this dataset, or nothing to be sure of. */
function pathsOf(entry: DiffEntry, mountpoint: string): readonly [string, ...string[]] | null {
  const path = relativeTo(mountpoint, entry.change === 'renamed' ? entry.to : entry.path);
  if (path === null) return null;
  if (entry.change !== 'renamed') return [path];
  const old = relativeTo(mountpoint, entry.path);
  return old === null || trivialKind(old) !== trivialKind(path) ? null : [path, old];
}

function relativeTo(mountpoint: string, path: DiffPath): string | null {
  return path?.startsWith(`${mountpoint}/`) === true ? path.slice(mountpoint.length + 1) : null;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** A file with several names may be one of the user's under another. */
function isTrivial({ change, type }: DiffEntry, path: string): boolean {
  if (change === 'links') return false;
  switch (trivialKind(path)) {
    case 'file':
      return type === 'file';
    case 'tree':
      return type === 'directory' && change !== 'renamed';
    case 'in-tree':
      return true;
    case null:
      return false;
  }
}

function fileOf({ change }: DiffEntry, [path]: readonly [string, ...string[]]): TrivialFile {
  return {
    path,
    in: change === 'removed' ? 'snapshot' : 'dataset',
    inTree: trivialKind(path) === 'in-tree',
  };
}
