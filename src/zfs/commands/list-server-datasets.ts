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

function parseList(stdout: string, times: boolean): readonly ServerDataset[] {
  const found = new Map<string, ServerDataset & { readonly guids: Set<Guid> }>();
  const versions: (readonly [dataset: string, guid: Guid])[] = [];
  for (const line of linesOf(stdout)) {
    const [name = '', type, guid = '', ...values] = line.split('\t');
    const [changed = '', property, ...more] = times ? values : ['-', ...values];
    if (property === undefined || more.length > 0) throw outputUnknown('a list line', line);
    if (type === 'filesystem') {
      const snapshotsChanged = changed === '-' || changed === '' ? null : parseSeconds(changed, line);
      found.set(name, { name: parseDatasetName(name), guids: new Set(), snapshotsChanged, property });
    } else if (type === 'snapshot' || type === 'bookmark')
      versions.push([name.slice(0, name.search(/[@#]/)), parseGuid(guid, line)]);
    else throw outputUnknown('a list line', line);
  }
  // zfs lists the snapshots of volumes too, without the volumes, which take no part.
  for (const [dataset, guid] of versions) found.get(dataset)?.guids.add(guid);
  return [...found.values()];
}

/**
 * Datasets and all below them, with a user property. Fails when one of the datasets is not there. `times`: with
 * `snapshots_changed`, which OpenZFS before 2.2 refuses as an unknown property (`unknown-option`).
 */
export function listServerDatasets(
  roots: readonly DatasetName[],
  property: `${string}:${string}`,
  { times = true }: { readonly times?: boolean } = {},
): ZfsCommand<readonly ServerDataset[]> {
  return {
    argv: [
      ...(['zfs', 'list', '-Hp', '-t', 'filesystem,snapshot,bookmark', '-o'] as const),
      `name,type,guid,${times ? 'snapshots_changed,' : ''}${property}`,
      '-r',
      ...roots,
    ],
    mutates: false,
    parse: (stdout) => parseList(stdout, times),
  };
}
