import { join } from 'node:path';
import { jsonIn, stateFile, type StateFile } from '../../host/state-file.ts';
import type { Contents } from '../../sync/likeness.ts';
import type { TendMemory } from './plan-tend.ts';

/** What tending remembers from run to run, in `<stateDir>/tend.json`. One that cannot be understood counts as empty. */
export function memoryFile(stateDir: string): StateFile<TendMemory> {
  return stateFile(join(stateDir, 'tend.json'), parseMemory);
}

/**
 * What tending has read of snapshots that it compares, in `<stateDir>/tend-contents.json`. In a file of root's, not in a property: what an account may
 * set with `userprop` looks like root's own.
 */
export function contentsFile(stateDir: string): StateFile<Contents> {
  return stateFile(join(stateDir, 'tend-contents.json'), parseContents);
}

/** Pure. What cannot be understood counts as never read. */
function parseContents(text: string): Contents {
  const isDigest = (entry: readonly [string, unknown]): entry is [string, string] =>
    typeof entry[1] === 'string' && /^[0-9a-f]{64}$/.test(entry[1]);
  return Object.fromEntries(entriesIn(text).filter(isDigest));
}

/** Pure. */
export function parseMemory(text: string): TendMemory {
  const entries = entriesIn(text).flatMap(([dataset, seen]) => {
    const { mark, since, head, begun } = (seen ?? {}) as Readonly<
      Partial<Record<'mark' | 'since' | 'head' | 'begun', unknown>>
    >;
    if (typeof mark !== 'string' || typeof since !== 'number') return [];
    // Of a version that knew no age: that begins with what it saw.
    const isWhole = typeof head === 'string' && typeof begun === 'number';
    return [
      [dataset, { mark, since, ...(isWhole ? { head, begun } : { head: '?', begun: since }) }] as const,
    ];
  });
  return Object.fromEntries(entries);
}

/** Of a JSON object; none: the text is not that of one. */
function entriesIn(text: string): readonly (readonly [string, unknown])[] {
  const parsed = jsonIn(text);
  return typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : [];
}
