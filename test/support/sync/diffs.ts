import type { FileFacts } from '../../../src/homes/mount/file-facts.ts';
import type { MountGuard } from '../../../src/homes/mount/mount-guard.ts';
import { parseDiffLine, type DiffEntry } from '../../../src/zfs/commands/diff.ts';

/** Lines of `zfs diff -HF` as the sync client hands them on. */
export async function* diffOf(lines: readonly string[]): AsyncGenerator<DiffEntry> {
  for (const line of lines) yield await Promise.resolve(parseDiffLine(line));
}

/** All that a diff hands on. */
export async function entriesOf(diff: AsyncIterable<DiffEntry>): Promise<readonly DiffEntry[]> {
  const entries: DiffEntry[] = [];
  for await (const entry of diff) entries.push(entry);
  return entries;
}

/** A file system of which nothing can be told. */
export const noFiles: FileFacts = {
  statusOf: () => Promise.resolve(null),
  attributesOf: () => Promise.resolve(''),
};

/** A home in which every way is there, plain and empty; what is mounted on the machine is not told. */
export const plainGuard: MountGuard = {
  files: {
    ...noFiles,
    statusOf: () => Promise.resolve({ type: 'directory', mode: 0o755, uid: 0, gid: 0, links: 2, device: 1 }),
  },
  listMounts: () => Promise.resolve([]),
  countEntries: () => Promise.resolve(0),
  detachArgv: (path) => ['umount', path],
};
