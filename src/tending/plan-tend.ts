import { headOf } from '../replication/home-state.ts';
import { conflictProperty } from '../replication/properties.ts';
import { findDoubled, type Doubled } from '../zfs/doubled.ts';
import { doubledInWords } from '../zfs/doubled-error.ts';
import { datasetOf, shortNameOf, type DatasetName } from '../zfs/names.ts';
import { seenDatasets, type SeenDataset } from '../zfs/seen-dataset.ts';
import type { Dataset } from '../zfs/version.ts';

/** An interrupted receive as an earlier run saw it. */
export interface SeenPartial {
  /** Tells one state of it from another; not the token itself, which is a secret. */
  readonly mark: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** By dataset. What is lost of it only makes the wait begin anew. */
export type TendMemory = Readonly<Record<string, SeenPartial>>;

/** A branch whose whole line the home has by now, and all that was seen of it. */
export interface MergedBranch {
  readonly branch: DatasetName;
  readonly home: DatasetName;
  /** Deepest first. */
  readonly datasets: readonly SeenDataset[];
}

export interface TendPlan {
  /** Interrupted receives that nobody has gone on with for too long. */
  readonly abort: readonly { readonly dataset: DatasetName; readonly idleMs: number }[];
  readonly remove: readonly MergedBranch[];
  /** Datasets with two snapshots of one guid: they are left alone, and prove nothing of a branch. */
  readonly doubled: readonly Doubled[];
  readonly memory: TendMemory;
}

export interface TendView {
  /** All below the homes' root, and all below the conflicts' root. */
  readonly homes: readonly Dataset[];
  readonly conflicts: readonly Dataset[];
  readonly homesRoot: DatasetName;
  readonly conflictsRoot: DatasetName;
}

/** What the server's own job has to do: two kinds of things, and nothing else. Pure. */
export function planTend(
  view: TendView,
  memory: TendMemory,
  options: { readonly now: number; readonly idleMs: number; readonly markOf: (token: string) => string },
): TendPlan {
  const next: Record<string, SeenPartial> = {};
  const abort: { dataset: DatasetName; idleMs: number }[] = [];
  for (const { name, resumeToken } of [...view.homes, ...view.conflicts]) {
    if (resumeToken === null) continue;
    const mark = options.markOf(resumeToken);
    const known = memory[name];
    // A clock that was set back must not make it older.
    const since = known?.mark === mark ? Math.min(known.since, options.now) : options.now;
    next[name] = { mark, since };
    if (options.now - since >= options.idleMs) abort.push({ dataset: name, idleMs: options.now - since });
  }
  const doubled = [...view.homes, ...view.conflicts].flatMap(({ snapshots }) => findDoubled(snapshots) ?? []);
  return { abort, remove: mergedBranches(view), doubled, memory: next };
}

function mergedBranches({ homes, conflicts, homesRoot, conflictsRoot }: TendView): readonly MergedBranch[] {
  const known = new Map(
    homes.map(({ name, snapshots, bookmarks }) => [
      name as string,
      new Set([...snapshots, ...bookmarks].map(({ guid }) => guid)),
    ]),
  );
  const isDoubled = new Set<string>(
    [...homes, ...conflicts].flatMap(({ name, snapshots }) =>
      findDoubled(snapshots) === null ? [] : [name],
    ),
  );
  const isBranch = ({ name, properties }: Dataset): boolean =>
    name.slice(0, name.lastIndexOf('/')) === conflictsRoot && userOf(properties) !== null;
  return conflicts.filter(isBranch).flatMap(({ name: branch, properties }) => {
    const home = `${homesRoot}/${userOf(properties) ?? ''}` as DatasetName;
    const all = conflicts.filter(({ name }) => name === branch || name.startsWith(`${branch}/`));
    const homeName = ({ name }: Dataset): string => home + name.slice(branch.length);
    const isMerged = (dataset: Dataset): boolean => {
      if (isDoubled.has(dataset.name) || isDoubled.has(homeName(dataset))) return false;
      const head = headOf(dataset);
      const versions = known.get(homeName(dataset));
      return head !== null && dataset.resumeToken === null && versions?.has(head.guid) === true;
    };
    if (!all.every(isMerged)) return [];
    return [{ branch, home, datasets: seenDatasets(all) }];
  });
}

/** Whose branch it is; null: it is none of Roamhome's. */
function userOf(properties: Dataset['properties']): string | null {
  const user = properties[conflictProperty] ?? '-';
  return user === '-' ? null : user;
}

/** The plan in words. Pure. */
export function describeTend({
  abort,
  remove,
  doubled,
}: Pick<TendPlan, 'abort' | 'remove' | 'doubled'>): readonly string[] {
  return [
    ...abort.map(
      ({ dataset, idleMs }) =>
        `give up the interrupted receive in ${dataset}: nothing came for ${Math.floor(idleMs / 60_000)} min`,
    ),
    ...remove.map(
      ({ branch, home, datasets }) =>
        `remove the branch ${branch}: ${home} has ${datasets.flatMap(({ snapshots }) => snapshots.slice(-1).map((name) => `@${shortNameOf(name)}`)).join(' ')}`,
    ),
    ...doubled.map((one) => `leave ${datasetOf(one.first)} alone: ${doubledInWords(one)}`),
  ];
}
