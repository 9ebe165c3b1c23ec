import type { ZfsCommand } from '../command.ts';
import { datasetOf, parseDatasetName, parseSnapshotName, type DatasetName } from '../names.ts';
import { linesOf, outputUnknown, parseBigInt, parseGuid, parseSeconds } from '../parse.ts';
import type { Snapshot } from '../version.ts';

const columns = ['name', 'type', 'guid', 'createtxg', 'creation', 'written', 'used', 'userrefs', 'clones'];

/** A snapshot with all that is in the way of destroying it. */
export interface ThinnableSnapshot extends Snapshot {
  /** Bytes that it alone holds: what destroying it frees, if no other goes. */
  readonly used: bigint;
  readonly isHeld: boolean;
  readonly hasClones: boolean;
}

export interface ThinnableDataset {
  readonly name: DatasetName;
  /** Oldest first, by createtxg. */
  readonly snapshots: readonly ThinnableSnapshot[];
}

function parseSnapshot(fields: readonly string[], line: string): ThinnableSnapshot {
  const [name = '', , guid = '', createtxg = '', creation = '', written = '', used = '', refs = '', clones] =
    fields;
  return {
    kind: 'snapshot',
    name: parseSnapshotName(name),
    guid: parseGuid(guid, line),
    createtxg: parseBigInt(createtxg, line),
    creation: parseSeconds(creation, line),
    written: parseBigInt(written, line),
    used: parseBigInt(used, line),
    isHeld: parseBigInt(refs, line) > 0n,
    // Empty or `-` where there is none, by version.
    hasClones: clones !== '' && clones !== '-',
  };
}

function parseList(stdout: string): readonly ThinnableDataset[] {
  const found = new Map<DatasetName, ThinnableSnapshot[]>();
  const snapshots: ThinnableSnapshot[] = [];
  for (const line of linesOf(stdout)) {
    const fields = line.split('\t');
    if (fields.length !== columns.length) throw outputUnknown('a list line', line);
    if (fields[1] === 'snapshot') snapshots.push(parseSnapshot(fields, line));
    else if (fields[1] === 'filesystem') found.set(parseDatasetName(fields[0] ?? ''), []);
    else throw outputUnknown('a list line', line);
  }
  snapshots.sort((a, b) => (a.createtxg < b.createtxg ? -1 : a.createtxg > b.createtxg ? 1 : 0));
  for (const snapshot of snapshots) {
    const owner = found.get(datasetOf(snapshot.name));
    if (owner === undefined) throw outputUnknown('a snapshot of a dataset it did not list', snapshot.name);
    owner.push(snapshot);
  }
  return [...found].map(([name, own]) => ({ name, snapshots: own }));
}

/** A dataset and all below it, with their snapshots and what thinning has to know of these. */
export function listThinnable(root: DatasetName): ZfsCommand<readonly ThinnableDataset[]> {
  return {
    argv: ['zfs', 'list', '-Hp', '-t', 'filesystem,snapshot', '-o', columns.join(','), '-r', root],
    mutates: false,
    parse: parseList,
  };
}
