import { readdir } from 'node:fs/promises';
import { entryAt, isGone } from './entry.ts';
import { placeIn } from './file-tree.ts';

/** What a directory holds that is told as one. */
export interface Below {
  readonly files: number;
  readonly bytes: number;
}

/** Each once, in the order of their bytes. Pure. */
export function uniqueSorted(names: readonly Buffer[]): readonly Buffer[] {
  const sorted = [...names].sort((a, b) => Buffer.compare(a, b));
  return sorted.filter((name, index) => sorted[index - 1]?.equals(name) !== true);
}

/** None where there is no directory. */
export async function namesIn(directory: Buffer): Promise<readonly Buffer[]> {
  try {
    return await readdir(directory, { encoding: 'buffer' });
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

/** Counts what is in a directory, on its own file system. */
export async function weigh(directory: Buffer, device: bigint): Promise<Below> {
  let [files, bytes] = [0, 0];
  for (const name of await namesIn(directory)) {
    const path = placeIn(directory, name);
    const entry = await entryAt(path);
    if (entry?.device !== device) continue;
    const below =
      entry.kind === 'directory'
        ? await weigh(path, device)
        : { files: 1, bytes: entry.kind === 'file' ? entry.bytes : 0 };
    files += below.files;
    bytes += below.bytes;
  }
  return { files, bytes };
}
