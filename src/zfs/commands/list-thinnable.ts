import type { ZfsCommand } from '../command.ts';
import {
  datasetOf,
  parseBookmarkName,
  parseDatasetName,
  parseSnapshotName,
  type DatasetName,
} from '../names.ts';
import { outputUnknown, parseBigInt, parseGuid, parseSeconds } from '../parse.ts';
import type { Row } from '../rows.ts';
import type { Bookmark, Snapshot } from '../version.ts';
import { leftOut } from './left-out.ts';
import { listRows } from './list-rows.ts';

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
  /** Oldest first, by createtxg. */
  readonly bookmarks: readonly Bookmark[];
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

function parseBookmark(fields: readonly string[], line: string): Bookmark {
  const [name = '', , guid = '', createtxg = '', creation = ''] = fields;
  return {
    kind: 'bookmark',
    name: parseBookmarkName(name),
    guid: parseGuid(guid, line),
    createtxg: parseBigInt(createtxg, line),
    creation: parseSeconds(creation, line),
  };
}

function readList(rows: readonly Row[]): readonly ThinnableDataset[] {
  const found = new Map<DatasetName, { snapshots: ThinnableSnapshot[]; bookmarks: Bookmark[] }>();
  const versions: (ThinnableSnapshot | Bookmark)[] = [];
  for (const { plain: fields, line } of rows) {
    if (fields[1] === 'snapshot') versions.push(parseSnapshot(fields, line));
    else if (fields[1] === 'bookmark') versions.push(parseBookmark(fields, line));
    else if (fields[1] === 'filesystem')
      found.set(parseDatasetName(fields[0] ?? ''), { snapshots: [], bookmarks: [] });
    else throw outputUnknown('a list line', line);
  }
  versions.sort((a, b) => (a.createtxg < b.createtxg ? -1 : a.createtxg > b.createtxg ? 1 : 0));
  for (const version of versions) {
    const owner = found.get(datasetOf(version.name));
    // zfs lists the snapshots of volumes too, without the volumes, which are not thinned.
    if (version.kind === 'snapshot') owner?.snapshots.push(version);
    else owner?.bookmarks.push(version);
  }
  return [...found].map(([name, own]) => ({ name, ...own }));
}

/** A dataset and all below it, with their snapshots and bookmarks and what thinning has to know of these. */
export function listThinnable(root: DatasetName): ZfsCommand<readonly ThinnableDataset[]> {
  const all = { plain: columns, texts: [] };
  return listRows(
    ['zfs', 'list', '-Hp', '-t', 'filesystem,snapshot,bookmark'],
    all,
    ['-r', root],
    readList,
    leftOut,
  );
}
