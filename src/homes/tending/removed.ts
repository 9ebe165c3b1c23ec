import { childOf, isDatasetName, parseDatasetName, type DatasetName } from '../../zfs/names.ts';

/** How long what tending removed is kept. */
export const keptDays = 30;

/** Where tending puts what it removes: beside the conflicts, where no key may do anything. Pure. */
export function removedRootOf(conflictsRoot: DatasetName): DatasetName {
  return parseDatasetName(`${conflictsRoot.slice(0, conflictsRoot.lastIndexOf('/'))}/roamhome-removed`);
}

/** What a branch is called there, with the time at which it was removed (milliseconds since the epoch); null: that is too long. Pure. */
export function removedName(root: DatasetName, branch: DatasetName, now: number): DatasetName | null {
  const stamp = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  const name = `${root}/${branch.slice(branch.lastIndexOf('/') + 1)}.removed-${stamp}`;
  return isDatasetName(name) ? childOf(root, name.slice(root.length + 1)) : null;
}

/** When something there was removed, in milliseconds since the epoch; null: its name does not say. Pure. */
export function removedAt(name: DatasetName): number | null {
  const found = /\.removed-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(name);
  if (found === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
