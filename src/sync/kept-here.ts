import type { DatasetName } from '../zfs/names.ts';

/** The last part of the name of a dataset that each machine keeps to itself begins so: nobody sends it, nobody brings it. */
export const keptHerePrefix = 'roamhome-excluded-';

/** True for a dataset that each machine keeps to itself by its name: it, or something above it, is called so. Pure. */
export function isKeptHereByName(name: DatasetName): boolean {
  return name.includes(`/${keptHerePrefix}`);
}
