import { isRoamhomeError } from '../../errors/errors.ts';
import { diffArgv } from '../../zfs/commands/diff.ts';
import { shortNameOf, type SnapshotName } from '../../zfs/names.ts';
import type { SyncZfs } from '../../zfs/sync-zfs.ts';
import type { Dataset } from '../../zfs/version.ts';
import type { FileFacts, FileStatus } from '../mount/file-facts.ts';
import { collectTrivial, type TrivialDiff, type TrivialFile } from './trivial-diff.ts';

export interface DifferOptions {
  readonly files: FileFacts;
  readonly signal?: AbortSignal;
}

/**
 * False only with the proof that nothing of the user's differs between the mounted dataset and the snapshot: `zfs diff`
 * names no path, or none but those that macOS makes by itself (trivial-paths.ts). What fails on the way is told to
 * the observer, and counts as a difference.
 */
export async function filesDiffer(
  zfs: SyncZfs,
  dataset: Dataset,
  since: SnapshotName,
  options: DifferOptions,
): Promise<boolean> {
  const mountpoint = dataset.properties['mountpoint'] ?? '-';
  try {
    const found = await collectTrivial(zfs.diff(dataset.name, since, options), mountpoint);
    if (found === null) return true;
    const snapshot = `${mountpoint}/.zfs/snapshot/${shortNameOf(since)}`;
    return !(await isAsNamed(found, { dataset: mountpoint, snapshot }, options));
  } catch (error) {
    if (!isRoamhomeError(error) || error.code === 'cancelled' || options.signal?.aborted === true)
      throw error;
    zfs.observer.warning(zfs.host.name, diffArgv(since, dataset.name), error.message);
    return true;
  }
}

interface Roots {
  readonly dataset: string;
  readonly snapshot: string;
}

/**
 * True when what the names promise is so: each file a plain one with no other name, each directory as it was but for
 * the names in it. Where a rollback may follow, nobody can change it meanwhile: the dataset is mounted read-only. In a
 * home in use its user can, and has a snapshot less of it.
 */
async function isAsNamed(
  { files, directories }: TrivialDiff,
  roots: Roots,
  options: DifferOptions,
): Promise<boolean> {
  for (const file of files) {
    const status = await statusWithin(roots[file.in], file.path, options.files);
    if (status === null || !isGivenUp(status, file)) return false;
  }
  for (const path of directories) if (!(await isSameDirectory(roots, path, options))) return false;
  return true;
}

function isGivenUp({ type, links, uid }: FileStatus, { inTree }: TrivialFile): boolean {
  // A user could have put something of their own where only root's belongs.
  return links === 1 && (inTree ? uid === 0 : type === 'file');
}

/**
 * `zfs diff` names a directory alike when a name was made in it and when its tags or its ACL changed, and the one may
 * hide the other: so all of both is compared. See docs/zfs-behaviour.md for what that leaves out.
 */
async function isSameDirectory(
  roots: Roots,
  path: string,
  { files, signal }: DifferOptions,
): Promise<boolean> {
  const [was, is] = [
    await statusWithin(roots.snapshot, path, files),
    await statusWithin(roots.dataset, path, files),
  ];
  if (was?.type !== 'directory' || is?.type !== 'directory' || was.device === is.device) return false;
  if (was.mode !== is.mode || was.uid !== is.uid || was.gid !== is.gid) return false;
  const [before, after] = [
    await files.attributesOf(pathIn(roots.snapshot, path), signal),
    await files.attributesOf(pathIn(roots.dataset, path), signal),
  ];
  return before === after;
}

/** null too where something else is mounted over the path: what is seen there is not of this dataset. */
async function statusWithin(root: string, path: string, files: FileFacts): Promise<FileStatus | null> {
  const [top, status] = [await files.statusOf(pathIn(root, '')), await files.statusOf(pathIn(root, path))];
  return top !== null && top.device === status?.device ? status : null;
}

/** A snapshot is mounted when a path leads through its directory, not when that itself is looked at: hence `/.`. */
function pathIn(root: string, path: string): string {
  return `${root}/${path === '' ? '.' : path}`;
}
