import { getSources } from '../zfs/commands/get.ts';
import type { DatasetName } from '../zfs/names.ts';
import type { CallOptions, SyncZfs } from '../zfs/sync-zfs.ts';
import type { Dataset } from '../zfs/version.ts';
import { isKeptHereByName } from './kept-here.ts';
import { syncProperty } from './properties.ts';

/** What stands in a list for an `off` that this machine's root has not set: it came with a stream, or from a dataset that it came to so. */
const receivedOff = 'off (received)';

/**
 * A list of this machine's own datasets in which `roamhome:sync=off` is only what this machine's root has set: with the source `local`,
 * or inherited from such a one. What was received counts for nothing (`receivedOff`): who sends it would decide what of a
 * home is never sent. Costs a command where something is off, and none where nothing is. Excluded folders are known by their names.
 */
export async function withOwnMarks(
  zfs: SyncZfs,
  root: DatasetName,
  tree: readonly Dataset[],
  options?: CallOptions,
): Promise<readonly Dataset[]> {
  const isOff = ({ name, properties }: Dataset): boolean =>
    properties[syncProperty] === 'off' && !isKeptHereByName(name);
  if (!tree.some(isOff)) return tree;
  const sources = new Map(await zfs.run(getSources(syncProperty, root, { below: true }), options));
  for (const source of [...sources.values()]) {
    const above = setAt(source);
    if (above === null || sources.has(above)) continue;
    for (const [name, its] of await zfs.run(getSources(syncProperty, above, { below: false }), options))
      sources.set(name, its);
  }
  const isOwn = ({ name }: Dataset): boolean => {
    const source = sources.get(name) ?? '-';
    return (sources.get(setAt(source) ?? name) ?? '-') === 'local';
  };
  return tree.map((dataset) =>
    isOff(dataset) && !isOwn(dataset)
      ? { ...dataset, properties: { ...dataset.properties, [syncProperty]: receivedOff } }
      : dataset,
  );
}

/** Where a property was set that a dataset inherits; null: it does not inherit it. */
function setAt(source: string): DatasetName | null {
  const [, name] = /^inherited from (.+)$/.exec(source) ?? [];
  return name === undefined ? null : (name as DatasetName);
}

/** Those of a home whose `off` came with a stream: they are synced, and told. Pure. */
export function offReceived(datasets: readonly Dataset[]): readonly DatasetName[] {
  return datasets.flatMap(({ name, properties }) => (properties[syncProperty] === receivedOff ? [name] : []));
}

/** What is said of one of these. Pure. */
export function offReceivedInWords(name: DatasetName): string {
  return (
    `${name} has ${syncProperty}=off, which came with a stream and not from root on this machine: it is synced all the same. ` +
    `Run \`zfs inherit ${syncProperty} ${name}\` to clear it, or \`zfs set ${syncProperty}=off ${name}\` to mean it`
  );
}
