import { conflictUser } from '../replication/conflict-user.ts';
import { mergedInto } from '../replication/merged.ts';
import { findDoubled, type Doubled } from '../zfs/doubled.ts';
import { doubledInWords } from '../zfs/doubled-error.ts';
import { childOf, datasetOf, shortNameOf, type DatasetName } from '../zfs/names.ts';
import { seenDatasets, type SeenDataset } from '../zfs/seen-dataset.ts';
import type { Dataset } from '../zfs/version.ts';
import { keptDays, removedAt, removedName, removedRootOf } from './removed.ts';

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
  /** Where it is kept for a while. */
  readonly aside: DatasetName;
  /** Deepest first. */
  readonly datasets: readonly SeenDataset[];
}

/** What was removed so long ago that it goes for good. */
export interface ExpiredBranch {
  readonly dataset: DatasetName;
  /** Deepest first. */
  readonly datasets: readonly SeenDataset[];
}

/** A branch that stays until an admin discards it. */
export interface UnprovenBranch {
  readonly branch: DatasetName;
  readonly home: DatasetName;
  /** It came encrypted: nobody here can compare it, and ZFS does not move it away from the home that has its key. */
  readonly isSealed: boolean;
}

export interface TendPlan {
  /** Interrupted receives that nobody has gone on with for too long. */
  readonly abort: readonly { readonly dataset: DatasetName; readonly idleMs: number }[];
  readonly remove: readonly MergedBranch[];
  readonly destroy: readonly ExpiredBranch[];
  /** Branches whose home has a version of that guid, for which nothing speaks but what a client wrote. */
  readonly unproven: readonly UnprovenBranch[];
  /** Datasets with two snapshots of one guid: they are left alone, and prove nothing of a branch. */
  readonly doubled: readonly Doubled[];
  readonly memory: TendMemory;
}

export interface TendView {
  /** All below the homes' root, and all below the conflicts' root. */
  readonly homes: readonly Dataset[];
  readonly conflicts: readonly Dataset[];
  /** What is kept of what was removed. */
  readonly removed: readonly Dataset[];
  readonly homesRoot: DatasetName;
  readonly conflictsRoot: DatasetName;
}

/** What the server's own job has to do: these kinds of things, and nothing else. Pure. */
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
  const { remove, unproven } = mergedBranches(view, options.now);
  const destroy = expiredBranches(view, options.now);
  return { abort, remove, destroy, unproven, doubled, memory: next };
}

function mergedBranches(
  { homes, conflicts, homesRoot, conflictsRoot }: TendView,
  now: number,
): Pick<TendPlan, 'remove' | 'unproven'> {
  const known = new Map<string, Dataset>(homes.map((dataset) => [dataset.name, dataset]));
  const remove: MergedBranch[] = [];
  const unproven: UnprovenBranch[] = [];
  const isSealed = ({ properties }: Dataset): boolean =>
    [homesRoot, conflictsRoot].some((root) => properties['encryptionroot']?.startsWith(`${root}/`));
  for (const top of conflicts) {
    const { name: branch } = top;
    const user = conflictUser(top);
    if (user === null || branch.slice(0, branch.lastIndexOf('/')) !== conflictsRoot) continue;
    const home = childOf(homesRoot, user);
    const all = conflicts.filter(({ name }) => name === branch || name.startsWith(`${branch}/`));
    const verdicts = all.map((one) => mergedInto(one, known.get(home + one.name.slice(branch.length))));
    if (verdicts.includes('no')) continue;
    const aside = removedName(removedRootOf(conflictsRoot), branch, now);
    if (all.some(isSealed)) unproven.push({ branch, home, isSealed: true });
    else if (verdicts.includes('unproven') || aside === null)
      unproven.push({ branch, home, isSealed: false });
    else remove.push({ branch, home, aside, datasets: seenDatasets(all) });
  }
  return { remove, unproven };
}

function expiredBranches({ removed, conflictsRoot }: TendView, now: number): readonly ExpiredBranch[] {
  const root = removedRootOf(conflictsRoot);
  return removed.flatMap(({ name: dataset }) => {
    const at = dataset.slice(0, dataset.lastIndexOf('/')) === root ? removedAt(dataset) : null;
    if (at === null || now - at < keptDays * 86_400_000) return [];
    const all = removed.filter(({ name }) => name === dataset || name.startsWith(`${dataset}/`));
    return [{ dataset, datasets: seenDatasets(all) }];
  });
}

/** The plan in words. Pure. */
export function describeTend({
  abort,
  remove,
  destroy,
  unproven,
  doubled,
}: Omit<TendPlan, 'memory'>): readonly string[] {
  return [
    ...abort.map(
      ({ dataset, idleMs }) =>
        `give up the interrupted receive in ${dataset}: nothing came for ${Math.floor(idleMs / 60_000)} min`,
    ),
    ...remove.map(
      ({ branch, home, aside, datasets }) =>
        `remove the branch ${branch} (kept for ${keptDays} days as ${aside}): ${home} has ${datasets.flatMap(({ snapshots }) => snapshots.slice(-1).map((name) => `@${shortNameOf(name)}`)).join(' ')}`,
    ),
    ...destroy.map(({ dataset }) => `destroy ${dataset}: it was removed more than ${keptDays} days ago`),
    ...unproven.map(unprovenInWords),
    ...doubled.map((one) => `leave ${datasetOf(one.first)} alone: ${doubledInWords(one)}`),
  ];
}

/** Pure. */
export function unprovenInWords({ branch, home, isSealed }: UnprovenBranch): string {
  const short = branch.slice(branch.lastIndexOf('/') + 1);
  const why = isSealed
    ? `it is encrypted, so nobody here can see that ${home} holds the same`
    : `${home} has a version of its guid, but nothing that ZFS counts itself says that this holds the same`;
  return `${branch} stays: ${why}. ` + `\`roamhome conflicts discard ${short} --server\` destroys it`;
}
