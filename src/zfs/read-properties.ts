import { isRoamhomeError } from '../errors/errors.ts';
import { getUnlessDefault, getValue, listSetProperties } from './commands/get.ts';
import type { DatasetName } from './names.ts';
import type { CallOptions, SyncZfs } from './sync-zfs.ts';

/** Properties by name, of each dataset. */
export type LocalProperties = ReadonlyMap<DatasetName, Readonly<Record<string, string>>>;

/** The properties that were set on the datasets of a tree themselves, each read by itself. */
export async function readLocalProperties(
  zfs: SyncZfs,
  root: DatasetName,
  call: CallOptions,
): Promise<LocalProperties> {
  const found = new Map<DatasetName, Record<string, string>>();
  for (const one of await zfs.run(listSetProperties(root), call)) {
    const properties = found.get(one.dataset) ?? {};
    properties[one.property] = await zfs.run(getValue(one), call);
    found.set(one.dataset, properties);
  }
  return found;
}

/** What decides which ACLs and extended attributes of its files a dataset shows: a dataset has it from where it lies. */
const showing: readonly string[] = ['acltype', 'xattr'];

/** Those properties of a dataset that are not the default there, for a place that is to show the same files alike. */
export async function readShowingProperties(
  zfs: SyncZfs,
  dataset: DatasetName,
  call: CallOptions,
): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const property of showing) {
    try {
      const value = await zfs.run(getUnlessDefault({ dataset, property }), call);
      if (value !== null) found[property] = value;
    } catch (error) {
      // Not every system has both.
      if (!isRoamhomeError(error, 'unknown-option')) throw error;
    }
  }
  return found;
}
