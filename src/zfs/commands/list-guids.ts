import type { ZfsCommand } from '../command.ts';
import { datasetOf, parseBookmarkName, parseSnapshotName, type DatasetName, type Guid } from '../names.ts';
import { linesOf, outputUnknown, parseGuid } from '../parse.ts';

/**
 * The guids of a dataset's versions, by dataset; one without a version does not show, nor does one that has two snapshots of one
 * guid: what stands there under a guid is not known.
 */
export type VersionGuids = ReadonlyMap<DatasetName, ReadonlySet<Guid>>;

function parseGuids(stdout: string): VersionGuids {
  const found = new Map<DatasetName, Set<Guid>>();
  const snapshots = new Set<string>();
  const doubled = new Set<DatasetName>();
  for (const line of linesOf(stdout)) {
    const [name = '', guid, ...more] = line.split('\t');
    if (guid === undefined || more.length > 0) throw outputUnknown('a version', line);
    const dataset = datasetOf(name.includes('@') ? parseSnapshotName(name) : parseBookmarkName(name));
    if (name.includes('@')) {
      const key = `${dataset}@${guid}`;
      if (snapshots.has(key)) doubled.add(dataset);
      snapshots.add(key);
    }
    const own = found.get(dataset) ?? new Set();
    found.set(dataset, own.add(parseGuid(guid, line)));
  }
  for (const dataset of doubled) found.delete(dataset);
  return found;
}

/** The snapshots and bookmarks of datasets and of all below them. Fails when one of the datasets is not there. */
export function listGuids(roots: readonly DatasetName[]): ZfsCommand<VersionGuids> {
  return {
    argv: ['zfs', 'list', '-Hp', '-t', 'snapshot,bookmark', '-o', 'name,guid', '-r', ...roots],
    mutates: false,
    parse: parseGuids,
  };
}
