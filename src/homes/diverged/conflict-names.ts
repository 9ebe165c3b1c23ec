import { childOf, parseDatasetName, type DatasetName } from '../../zfs/names.ts';
import type { Snapshot } from '../../zfs/version.ts';

/**
 * What a line of history is called once it is a conflict: `alice-mac7-20261120T064500Z`, the same on this Mac and on
 * the server. The stamp is that of the line's first snapshot, so every run that meets the line gives it the same name.
 */
export function conflictNameFor(user: string, macName: string, first: Pick<Snapshot, 'creation'>): string {
  const stamp = new Date(first.creation * 1000).toISOString().replace(/[-:]|\.\d+/g, '');
  return `${user}-${macName}-${stamp}`;
}

/**
 * What a conflict's name says: the Mac on which its line was made, and since when (seconds since the epoch). null: no
 * conflict of the user is called so. Pure.
 */
export function parseConflictName(
  name: string,
  user: string,
): { readonly macName: string; readonly since: number } | null {
  const rest = name.startsWith(`${user}-`) ? name.slice(user.length + 1) : '';
  const found = /^(.+)-(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z(?:-\d+)?$/.exec(rest);
  if (found === null) return null;
  const [, macName = '', ...digits] = found;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = digits.map(Number);
  return { macName, since: Date.UTC(year, month - 1, day, hour, minute, second) / 1000 };
}

/** Where a conflict of that name is, below a side's conflicts root. */
export function conflictDataset(conflictsRoot: string, name: string): DatasetName {
  return childOf(parseDatasetName(conflictsRoot), name);
}

/**
 * Where a Mac prepares what is to take the home's place while the home itself stays as it is. No conflict is called
 * `next`: their names have dashes.
 */
export function nextHomeFor(conflictsRoot: string, user: string): DatasetName {
  return childOf(parseDatasetName(conflictsRoot), `next/${user}`);
}
