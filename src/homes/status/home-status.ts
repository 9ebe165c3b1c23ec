import {
  headOf,
  isUnfinished,
  offOnServerAlone,
  offOnServerInWords,
  pairDatasets,
  type DatasetPair,
  type DatasetState,
  type HomeState,
} from '../../sync/home-state.ts';
import {
  conflictProperty,
  sessionProperty,
  setAsideProperty,
  syncProperty,
  unchangedProperty,
  unsentProperty,
} from '../../sync/properties.ts';
import { takesNoPart } from '../../sync/kept-here.ts';
import { offReceived, offReceivedInWords } from '../../sync/own-marks.ts';
import { relate, type Relation } from '../../sync/relation.ts';
import { unchangedMark } from '../snapshots/unchanged-mark.ts';
import type { Lack } from '../pending/spool.ts';
import { namesOf } from '../diverged/set-aside.ts';
import { parseSnapshotName } from '../../sync/snapshot-name.ts';
import { arrivedOf, parseSessionRecord, type SessionRecord } from '../presence/session-record.ts';
import { doubledInWords } from '../../zfs/doubled-error.ts';
import { shortNameOf, type DatasetName } from '../../zfs/names.ts';
import type { Dataset, Snapshot, Version } from '../../zfs/version.ts';
import type { WaitingConflict } from './waiting-conflicts.ts';

/** A version, for people. */
export interface ShownVersion {
  /** Without the dataset: `roamhome-20261120T064500.123Z-mac7`. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Who made it; null: the name does not say. */
  readonly macName: string | null;
}

/** A home on one side. */
export interface SideStatus {
  readonly dataset: DatasetName;
  /** null: there is no snapshot yet. */
  readonly head: ShownVersion | null;
  readonly snapshots: number;
  /** With its snapshots, and what is below it. */
  readonly usedBytes: number;
  readonly mounted: boolean;
  /** Written since the head; a mere mount writes some. */
  readonly writtenBytes: number;
  /** An interrupted receive waits in it. */
  readonly interrupted: boolean;
}

/**
 * How a home stands. `behind`: the server has what the next login brings; `unclear`: two snapshots have one guid; `unknown`: the server was not asked, or is
 * away; `only-server`: it is not on this machine.
 */
export type SyncState = 'in-sync' | 'pending' | 'behind' | 'diverged' | 'unclear' | 'only-server' | 'unknown';

export interface HomeStatus {
  readonly user: string;
  readonly state: SyncState;
  /** The newest version that both sides have. */
  readonly lastSync: ShownVersion | null;
  readonly local: SideStatus | null;
  readonly server: SideStatus | null;
  /** Snapshots that the server lacks. */
  readonly unsent: number;
  /** Milliseconds since the epoch: when the oldest of the snapshots was made that the server lacks; null: none, or not known. */
  readonly unsentSince: number | null;
  /** Milliseconds since the epoch; null: nothing is noted to wait for the server, or the note does not say since when. */
  readonly pendingSince: number | null;
  /** What a logout could not do besides sending; null: nothing. */
  readonly lacks: Lack | null;
  /** Written into the home at rest here since its newest snapshots, with no proof that no file of the user's changed. */
  readonly unprovenBytes: number;
  /** Why nobody can tell how some of its datasets stand, in words; none: `state` is not `unclear`. */
  readonly doubled: readonly string[];
  /** What the server marks as not to be synced and this Mac does not, in words. */
  readonly offThere: readonly string[];
  /** Names of conflicts that are set aside on this machine. */
  readonly conflicts: readonly string[];
  /** Those of them that the server has not got yet: this machine alone has them. */
  readonly unsentConflicts: readonly string[];
  /** Who says on the server to be logged in. */
  readonly session: SessionRecord | null;
  /** The newest that the server has of that session; null: nothing of it has arrived. */
  readonly arrived: ShownVersion | null;
  /** On the server: its conflicts there that nobody has dealt with. */
  readonly waiting: readonly WaitingConflict[];
}

/** The properties that a status needs of each dataset, on either side: what a server's gate lets a Mac read. */
export const statusProperties = {
  local: ['used', syncProperty, setAsideProperty, unsentProperty, unchangedProperty],
  server: ['used', syncProperty, sessionProperty],
  /** On the server itself, which no gate stands before. */
  onServer: ['used', syncProperty, sessionProperty, conflictProperty],
} as const;

/** What is known of a home besides its datasets. */
export interface HomeFacts {
  readonly user: string;
  /** null: it has none here. */
  readonly local: readonly Dataset[] | null;
  /** null: it has none there; undefined: nobody knows. */
  readonly server: readonly Dataset[] | null | undefined;
  readonly pendingSince: number | null;
  readonly lacks: Lack | null;
  /** Default: none. */
  readonly waiting?: readonly WaitingConflict[];
}

/** How a home stands. Pure. */
export function homeStatus(facts: HomeFacts): HomeStatus {
  const { user, local, server, pendingSince, lacks, waiting = [] } = facts;
  const [here, there] = [homeOf(local), homeOf(server ?? null)];
  const relations = pairDatasets(here, there).map((pair) => relate(pair));
  const root = (home: HomeState | null): DatasetState | null =>
    home?.datasets.find(({ path }) => path === '') ?? null;
  const [mine, theirs] = [root(here), root(there)];
  const session = parseSessionRecord(theirs?.properties[sessionProperty] ?? '-');
  const arrived = arrivedOf(session, there?.datasets ?? []);
  return {
    ...{ user, pendingSince, lacks, session, waiting },
    arrived: arrived === null ? null : shown(arrived),
    state:
      server === undefined
        ? 'unknown'
        : here === null && worst(relations) !== 'unclear'
          ? 'only-server'
          : worst(relations),
    offThere: [
      ...offReceived(here?.datasets ?? []).map(offReceivedInWords),
      ...(here === null || there === null
        ? []
        : offOnServerAlone(here, there).map((path) => offOnServerInWords(path, there.root))),
    ],
    doubled: relations.flatMap((relation) =>
      relation.kind === 'doubled' ? [doubledInWords(relation.doubled)] : [],
    ),
    lastSync: newestCommon(mine, theirs),
    local: here === null ? null : sideOf(here),
    server: there === null ? null : sideOf(there),
    unsent: server === undefined || mine === null ? 0 : unsentOf(mine, theirs).length,
    unsentSince: server === undefined ? null : oldestUnsent(pairDatasets(here, there)),
    unprovenBytes: here === null ? 0 : unproven(here),
    conflicts: namesOf(mine?.properties[setAsideProperty]),
    unsentConflicts: namesOf(mine?.properties[unsentProperty]),
  };
}

function homeOf(tree: readonly Dataset[] | null): HomeState | null {
  const [root] = tree ?? [];
  if (tree === null || root === undefined) return null;
  const states = tree.map((dataset): DatasetState => ({
    ...dataset,
    path: dataset.name.slice(root.name.length + 1),
    change: 'none',
    partial: dataset.resumeToken === null ? null : 'unknown',
  }));
  return {
    root: root.name,
    datasets: states.filter((dataset) => dataset.path === '' || !takesNoPart(dataset)),
    excluded: states.filter((dataset) => dataset.path !== '' && takesNoPart(dataset)),
    sendFlags: null,
  };
}

function sideOf({ root, datasets }: HomeState): SideStatus {
  const own = datasets.find(({ path }) => path === '');
  const head = own === undefined ? null : headOf(own);
  return {
    dataset: root,
    head: head === null ? null : shown(head),
    snapshots: datasets.reduce((sum, { snapshots }) => sum + snapshots.length, 0),
    usedBytes: Number(own?.properties['used'] ?? 0),
    mounted: own?.mounted === true,
    writtenBytes: datasets.reduce((sum, { written }) => sum + Number(written), 0),
    interrupted: datasets.some(({ partial }) => partial !== null),
  };
}

function worst(relations: readonly Relation[]): SyncState {
  const kinds = new Set(relations.map(({ kind }) => kind));
  if (kinds.has('doubled')) return 'unclear';
  if (kinds.has('diverged') || kinds.has('no-common')) return 'diverged';
  if (kinds.has('ahead') || kinds.has('missing-server')) return 'pending';
  return kinds.has('behind') || kinds.has('missing-local') ? 'behind' : 'in-sync';
}

function newestCommon(mine: Dataset | null, theirs: Dataset | null): ShownVersion | null {
  if (mine === null || theirs === null) return null;
  const there = new Set([...theirs.snapshots, ...theirs.bookmarks].map(({ guid }) => guid));
  const common = [...mine.snapshots, ...mine.bookmarks]
    .filter(({ guid }) => there.has(guid))
    .sort((a, b) => (a.createtxg < b.createtxg ? -1 : 1))
    .at(-1);
  return common === undefined ? null : shown(common);
}

function unsentOf(mine: DatasetState, theirs: DatasetState | null): readonly Snapshot[] {
  if (theirs === null || isUnfinished(theirs)) return mine.snapshots;
  const there = new Set([...theirs.snapshots, ...theirs.bookmarks].map(({ guid }) => guid));
  return mine.snapshots.slice(1 + mine.snapshots.findLastIndex(({ guid }) => there.has(guid)));
}

/** Of those that hold changes: others are not sent. */
function oldestUnsent(pairs: readonly DatasetPair[]): number | null {
  const times = pairs.flatMap(({ local, server }) =>
    local === null
      ? []
      : unsentOf(local, server).flatMap(({ written, creation }) => (written > 0n ? creation : [])),
  );
  return times.length === 0 ? null : 1000 * Math.min(...times);
}

/** Nothing while it is mounted: what its user does there is the next checkpoint's or logout's. */
function unproven({ root, datasets }: HomeState): number {
  const mark = datasets.find(({ name }) => name === root)?.properties[unchangedProperty];
  if (datasets.some(({ mounted }) => mounted) || mark === unchangedMark(datasets)) return 0;
  return datasets.reduce((sum, { written }) => sum + Number(written), 0);
}

function shown({ name, creation }: Version): ShownVersion {
  const short = shortNameOf(name);
  return { name: short, at: creation * 1000, macName: parseSnapshotName(short)?.macName ?? null };
}
