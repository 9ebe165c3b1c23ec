import type { ZfsCommand } from '../command.ts';
import { parseDatasetName, type DatasetName, type Guid } from '../names.ts';
import { outputUnknown, parseGuid, parseSeconds } from '../parse.ts';
import type { Row } from '../rows.ts';
import { leftOut } from './left-out.ts';
import { listRows } from './list-rows.ts';

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

function readList(rows: readonly Row[], times: boolean): readonly ServerDataset[] {
  const found = new Map<string, ServerDataset & { readonly guids: Set<Guid> }>();
  const versions: (readonly [dataset: string, guid: Guid])[] = [];
  for (const { line, plain, texts } of rows) {
    const [name = '', type, guid = '', changed = '-'] = plain;
    if (type === 'filesystem') {
      const snapshotsChanged =
        !times || changed === '-' || changed === '' ? null : parseSeconds(changed, line);
      const property = texts?.[0] ?? '-';
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
  const columns = {
    plain: ['name', 'type', 'guid', ...(times ? ['snapshots_changed'] : [])],
    texts: [property],
  };
  return listRows(
    ['zfs', 'list', '-Hp', '-t', 'filesystem,snapshot,bookmark'],
    columns,
    ['-r', ...roots],
    (rows) => readList(rows, times),
    leftOut,
  );
}
