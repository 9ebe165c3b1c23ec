import type { DatasetName } from '../zfs/names.ts';
import type { Dataset } from '../zfs/version.ts';
import { syncProperty } from './properties.ts';

/** The last part of the name of a dataset that each machine keeps to itself begins so: nobody sends it, nobody brings it. */
export const keptHerePrefix = 'roamhome-excluded-';

/** True for a dataset that each machine keeps to itself by its name: it, or something above it, is called so. Pure. */
export function isKeptHereByName(name: DatasetName): boolean {
  return name.includes(`/${keptHerePrefix}`);
}

/** True for a dataset below a home that takes no part in sync: it is marked so, or known by its name, whatever a server says of it. Pure. */
export function takesNoPart({ name, properties }: Pick<Dataset, 'name' | 'properties'>): boolean {
  return properties[syncProperty] === 'off' || isKeptHereByName(name);
}
