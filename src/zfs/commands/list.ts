import type { Argv } from '../../host/host.ts';
import { linesOf, outputUnknown, parseBigInt, parseGuid, parseResumeToken, parseSeconds } from '../parse.ts';
import {
  isDatasetName,
  datasetOf,
  parseBookmarkName,
  parseDatasetName,
  parseSnapshotName,
  type DatasetName,
} from '../names.ts';
import type { Bookmark, Dataset, Snapshot } from '../version.ts';
import type { ZfsCommand } from '../command.ts';
import { columnsOf, columnsWord, readRows, type Columns, type Row } from '../rows.ts';
import { listRows } from './list-rows.ts';
import { leftOut } from './left-out.ts';

const columns = [
  'name',
  'type',
  'guid',
  'createtxg',
  'creation',
  'written',
  'receive_resume_token',
  'mounted',
];

const listing: Argv = ['zfs', 'list', '-Hp', '-t', 'filesystem,snapshot,bookmark'];

interface Building {
  readonly dataset: Omit<Dataset, 'snapshots' | 'bookmarks'>;
  readonly snapshots: Snapshot[];
  readonly bookmarks: Bookmark[];
}

function byCreatetxg(a: { createtxg: bigint }, b: { createtxg: bigint }): number {
  return a.createtxg < b.createtxg ? -1 : a.createtxg > b.createtxg ? 1 : 0;
}

function readList(rows: readonly Row[], all: Columns): readonly Dataset[] {
  const found = new Map<string, Building>();
  const versions: (Snapshot | Bookmark)[] = [];
  for (const { line, plain, texts } of rows) {
    const [
      name = '',
      type = '',
      guid = '',
      createtxg = '',
      creation = '',
      written = '',
      token = '',
      mounted = '',
    ] = plain;
    const version = {
      guid: parseGuid(guid, line),
      createtxg: parseBigInt(createtxg, line),
      creation: parseSeconds(creation, line),
    };
    switch (type) {
      case 'snapshot':
        versions.push({
          kind: 'snapshot',
          name: parseSnapshotName(name),
          written: parseBigInt(written, line),
          ...version,
        });
        break;
      case 'bookmark':
        versions.push({ kind: 'bookmark', name: parseBookmarkName(name), ...version });
        break;
      case 'filesystem': {
        if (mounted !== 'yes' && mounted !== 'no') throw outputUnknown('a list line', line);
        const values = [...plain.slice(columns.length), ...(texts ?? [])];
        const properties = [...all.plain.slice(columns.length), ...all.texts];
        found.set(name, {
          dataset: {
            name: parseDatasetName(name),
            written: parseBigInt(written, line),
            resumeToken: parseResumeToken(token, line),
            mounted: mounted === 'yes',
            properties: Object.fromEntries(properties.map((property, i) => [property, values[i] ?? '-'])),
          },
          snapshots: [],
          bookmarks: [],
        });
        break;
      }
      default:
        throw outputUnknown('a list line', line);
    }
  }
  for (const version of versions) {
    const owner = found.get(datasetOf(version.name));
    // zfs lists the snapshots of volumes too, without the volumes, which take no part.
    if (version.kind === 'snapshot') owner?.snapshots.push(version);
    else owner?.bookmarks.push(version);
  }
  return [...found.values()]
    .map(({ dataset, snapshots, bookmarks }) => ({
      ...dataset,
      snapshots: snapshots.sort(byCreatetxg),
      bookmarks: bookmarks.sort(byCreatetxg),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function listWith(properties: readonly string[], after: readonly string[]): ZfsCommand<readonly Dataset[]> {
  const { plain, texts } = columnsOf(properties);
  const all = { plain: [...columns, ...plain], texts };
  return listRows(listing, all, after, (rows) => readList(rows, all), leftOut);
}

/**
 * A dataset and all below it, with their snapshots, bookmarks and the named properties; parents before children.
 * `%recv` children never show. All that a plan needs comes from one such command a side.
 */
export function listTree(root: DatasetName, properties: readonly string[]): ZfsCommand<readonly Dataset[]> {
  return listWith(properties, ['-s', 'createtxg', '-r', root]);
}

/** The same of several datasets. Fails when one of them is not there. */
export function listTrees(
  roots: readonly DatasetName[],
  properties: readonly string[],
): ZfsCommand<readonly Dataset[]> {
  return listWith(properties, ['-r', ...roots]);
}

/** One property of one dataset, as zfs shows it; `-`: nobody has set it. */
export function listProperty(dataset: DatasetName, property: string): ZfsCommand<string> {
  return {
    argv: ['zfs', 'list', '-Hp', '-o', property, dataset],
    mutates: false,
    parse: (stdout) => linesOf(stdout).join('\n'),
  };
}

/** Where a file system would be mounted, and whether one is. */
export interface MountState {
  readonly name: DatasetName;
  readonly mounted: boolean;
  /** A path, `none` or `legacy`. */
  readonly mountpoint: string;
}

/** The file systems right below a dataset, and itself; null: all there are. */
export function listMounts(root: DatasetName | null): ZfsCommand<readonly MountState[]> {
  return {
    argv: [
      ...(['zfs', 'list', '-Hp', '-t', 'filesystem'] as const),
      ...(root === null ? [] : ['-d', '1']),
      ...['-o', 'name,mounted,mountpoint'],
      ...(root === null ? [] : [root]),
    ],
    mutates: false,
    parse: (stdout) =>
      linesOf(stdout).flatMap((line) => {
        const [name = '', mounted, mountpoint, ...more] = line.split('\t');
        if ((mounted !== 'yes' && mounted !== 'no') || mountpoint === undefined || more.length > 0)
          throw outputUnknown('where something is mounted', line);
        // Of all that is on the machine: an odd name is no home of ours.
        if (root === null && !isDatasetName(name)) return [];
        return { name: parseDatasetName(name), mounted: mounted === 'yes', mountpoint };
      }),
  };
}

/**
 * The file systems at or below a dataset that take part in sync, by their names alone. What cannot be understood is left
 * out: this is for when a full list has failed.
 */
export function listSyncedNames(root: DatasetName, syncProperty: string): ZfsCommand<readonly DatasetName[]> {
  const isBelow = (name: string): boolean => name === root || name.startsWith(`${root}/`);
  return {
    argv: ['zfs', 'list', '-H', '-t', 'filesystem', '-o', columnsWord(synced(syncProperty)), '-r', root],
    mutates: false,
    parse: (stdout) => {
      // Of a list that may hold rows that somebody wrote, each name counts, once: one that is not there stops no other.
      const rows = readRows(stdout, synced(syncProperty));
      const names =
        rows === null
          ? linesOf(stdout).map((line) => line.split('\t', 1)[0] ?? '')
          : rows.flatMap(({ plain: [name = ''], texts }) => (texts?.[0] === 'off' ? [] : [name]));
      return [...new Set(names)].filter(isDatasetName).filter(isBelow);
    },
  };
}

function synced(syncProperty: string): Columns {
  return { plain: ['name'], texts: [syncProperty] };
}

/** The dataset that is mounted at a path, as the mount table has it; null: none of zfs's. */
export function listMountedAt(path: string): ZfsCommand<DatasetName | null> {
  return {
    argv: ['zfs', 'mount'],
    mutates: false,
    // Names and paths stand side by side, with blanks in between: the path is known.
    parse: (stdout) =>
      stdout
        .split('\n')
        .flatMap((line) => (line.endsWith(`  ${path}`) ? [line.slice(0, -path.length).trimEnd()] : []))
        .find(isDatasetName) ?? null,
  };
}

/** True once the dataset is there: to be asked again while a pool is being imported. */
export function listName(dataset: DatasetName): ZfsCommand<boolean> {
  return {
    argv: ['zfs', 'list', '-H', '-o', 'name', dataset],
    mutates: false,
    parse: (stdout) => linesOf(stdout).includes(dataset),
  };
}

/** The volumes below a dataset: none of them is synced, thinned or snapshotted. */
export function listVolumes(root: DatasetName): ZfsCommand<readonly DatasetName[]> {
  return {
    argv: ['zfs', 'list', '-H', '-t', 'volume', '-o', 'name', '-r', root],
    mutates: false,
    parse: (stdout) => linesOf(stdout).map(parseDatasetName),
  };
}

/** What each file system and volume below a dataset or of a pool was cloned from; `-`: from nothing. */
export function listOrigins(
  root: string,
): ZfsCommand<readonly { readonly name: DatasetName; readonly origin: string }[]> {
  return {
    argv: ['zfs', 'list', '-H', '-t', 'filesystem,volume', '-o', 'name,origin', '-r', root],
    mutates: false,
    parse: (stdout) =>
      linesOf(stdout).map((line) => {
        const [name = '', origin, ...more] = line.split('\t');
        if (origin === undefined || more.length > 0) throw outputUnknown('an origin', line);
        return { name: parseDatasetName(name), origin };
      }),
  };
}
