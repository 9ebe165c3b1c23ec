import type { FileFacts } from '../../../src/replication/file-facts.ts';
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
