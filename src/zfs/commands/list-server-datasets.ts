import type { ZfsCommand } from '../command.ts';
import { parseDatasetName, type DatasetName, type Guid } from '../names.ts';
import { linesOf, outputUnknown, parseGuid, parseSeconds } from '../parse.ts';

/** A dataset as the other side has it, as far as it is needed to tell how far that side is. */
export interface ServerDataset {
  readonly name: DatasetName;
  /** Of its snapshots and bookmarks. */
  readonly guids: ReadonlySet<Guid>;
  /** Seconds since the epoch, by that side's clock: when a snapshot came or went last; null: never, as far as it knows. */
  readonly snapshotsChanged: number | null;
  /** The value of the property asked for; `-`: none. */
  readonly property: string;
}

function parseList(stdout: string): readonly ServerDataset[] {
  const found = new Map<string, ServerDataset & { readonly guids: Set<Guid> }>();
  const versions: (readonly [dataset: string, guid: Guid])[] = [];
  for (const line of linesOf(stdout)) {
    const [name = '', type, guid = '', changed = '', property, ...more] = line.split('\t');
    if (property === undefined || more.length > 0) throw outputUnknown('a list line', line);
    if (type === 'filesystem') {
      const snapshotsChanged = changed === '-' || changed === '' ? null : parseSeconds(changed, line);
      found.set(name, { name: parseDatasetName(name), guids: new Set(), snapshotsChanged, property });
    } else if (type === 'snapshot' || type === 'bookmark')
      versions.push([name.slice(0, name.search(/[@#]/)), parseGuid(guid, line)]);
    else throw outputUnknown('a list line', line);
  }
  for (const [dataset, guid] of versions) {
    const owner = found.get(dataset);
    if (owner === undefined) throw outputUnknown('a version of a dataset it did not list', dataset);
    owner.guids.add(guid);
  }
  return [...found.values()];
}

/** Datasets and all below them, with a user property. Fails when one of the datasets is not there. */
export function listServerDatasets(
  roots: readonly DatasetName[],
  property: `${string}:${string}`,
): ZfsCommand<readonly ServerDataset[]> {
  return {
    argv: [
      ...(['zfs', 'list', '-Hp', '-t', 'filesystem,snapshot,bookmark', '-o'] as const),
      `name,type,guid,snapshots_changed,${property}`,
      '-r',
      ...roots,
    ],
    mutates: false,
    parse: parseList,
  };
}
