import { conflictUser } from '../diverged/conflict-user.ts';
import { mergedInto, type Twins } from '../../sync/merged.ts';
import { findDoubled, type Doubled } from '../../zfs/doubled.ts';
import { doubledInWords } from '../../zfs/doubled-error.ts';
import { childOf, datasetOf, shortNameOf, type DatasetName } from '../../zfs/names.ts';
import { seenDatasets, type SeenDataset } from '../../zfs/seen-dataset.ts';
import type { Dataset } from '../../zfs/version.ts';
import { likenessOf, stillWanted, type Contents } from '../../sync/likeness.ts';
import type { RunningProgram } from '../../platform/running-program.ts';
import { receivesToEnd, type EndedReceive } from './live-receives.ts';
import { keptDays, removedAt, removedName, removedRootOf } from './removed.ts';

/** An interrupted receive as an earlier run saw it. */
export interface SeenPartial {
  /** Tells one state of it from another; not the token itself, which is a secret. */
  readonly mark: string;
  /** When it was first seen in this state. Milliseconds since the epoch. */
  readonly since: number;
  /** The guid of the dataset's newest snapshot; '': none. Where it is the same, nothing whole has come in between. */
  readonly head: string;
  /** When a partial was first seen on top of that snapshot. Milliseconds since the epoch. */
  readonly begun: number;
}

/** An interrupted receive that is given up: nothing came of it for so long, or it takes so long to end. */
export interface GivenUp {
  readonly dataset: DatasetName;
  readonly idleMs: number;
  readonly ageMs: number;
  readonly because: 'idle' | 'old';
}

/** By dataset. What is lost of it only makes the wait begin anew. */
export type TendMemory = Readonly<Record<string, SeenPartial>>;

/** A branch whose whole line the home has by its guids, and all that was seen of it. */
export interface MergedBranch {
  readonly branch: DatasetName;
  readonly home: DatasetName;
  /** Where it is kept for a while. */
  readonly aside: DatasetName;
  /** Deepest first. */
  readonly datasets: readonly SeenDataset[];
  /** The snapshots whose files have to be the same, those of the branch's root first. */
  readonly twins: readonly Twins[];
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
  /**
   * `sealed`: it came encrypted: nobody here can read it, and ZFS does not move it away from the home that has its key. `alone`: it has
   * something that nothing of the home can be compared with. `different`: it was compared, and holds something else.
   */
  readonly why: 'sealed' | 'alone' | 'different';
}

export interface TendPlan {
  /** Interrupted receives that nobody has gone on with for too long. */
  readonly abort: readonly GivenUp[];
  /** Receives that are alive and are ended, so that what they have left can be given up. */
  readonly end: readonly EndedReceive[];
  /** Each file of it was seen to be the same in its home. */
  readonly remove: readonly MergedBranch[];
  /** To be compared with its home first. */
  readonly compare: readonly MergedBranch[];
  readonly destroy: readonly ExpiredBranch[];
  /** Branches whose home has a version of that guid, but not, or not to be shown here, what they hold. */
  readonly unproven: readonly UnprovenBranch[];
  /** Datasets with two snapshots of one guid: they are left alone, and prove nothing of a branch. */
  readonly doubled: readonly Doubled[];
  readonly memory: TendMemory;
  /** Of what was read of snapshots that which is still asked for. */
  readonly contents: Contents;
}

export interface TendView {
  /** All below the homes' root, and all below the conflicts' root. */
  readonly homes: readonly Dataset[];
  readonly conflicts: readonly Dataset[];
  /** What is kept of what was removed. */
  readonly removed: readonly Dataset[];
  /** What runs on the server. */
  readonly programs: readonly RunningProgram[];
  readonly homesRoot: DatasetName;
  readonly conflictsRoot: DatasetName;
}

/** What the server's own job has to do: these kinds of things, and nothing else. Pure. */
export function planTend(
  view: TendView,
  memory: TendMemory,
  contents: Contents,
  options: {
    readonly now: number;
    readonly idleMs: number;
    readonly longestMs: number;
    readonly markOf: (token: string) => string;
  },
): TendPlan {
  const next: Record<string, SeenPartial> = {};
  const abort: GivenUp[] = [];
  for (const { name, resumeToken, snapshots } of [...view.homes, ...view.conflicts]) {
    if (resumeToken === null) continue;
    const mark = options.markOf(resumeToken);
    const known = memory[name];
    // A clock that was set back must not make it older.
    const since = known?.mark === mark ? Math.min(known.since, options.now) : options.now;
    // Who feeds it now and then keeps it from being idle, and all others from the home.
    const head = snapshots.at(-1)?.guid ?? '';
    const begun = known?.head === head ? Math.min(known.begun, options.now) : options.now;
    next[name] = { mark, since, head, begun };
    const [idleMs, ageMs] = [options.now - since, options.now - begun];
    if (idleMs >= options.idleMs) abort.push({ dataset: name, idleMs, ageMs, because: 'idle' });
    else if (ageMs >= options.longestMs) abort.push({ dataset: name, idleMs, ageMs, because: 'old' });
  }
  const isOurs = (dataset: string): boolean =>
    [view.homesRoot, view.conflictsRoot].some((root) => dataset.startsWith(`${root}/`));
  const end = receivesToEnd(view.programs, abort, { isOurs, ...options });
  const doubled = [...view.homes, ...view.conflicts].flatMap(({ snapshots }) => findDoubled(snapshots) ?? []);
  const { asked, ...merged } = mergedBranches(view, contents, options.now);
  const destroy = expiredBranches(view, options.now);
  return { abort, end, ...merged, destroy, doubled, memory: next, contents: stillWanted(contents, asked) };
}

function mergedBranches(
  { homes, conflicts, homesRoot, conflictsRoot }: TendView,
  contents: Contents,
  now: number,
): Pick<TendPlan, 'remove' | 'compare' | 'unproven'> & { readonly asked: readonly Twins[] } {
  const known = new Map<string, Dataset>(homes.map((dataset) => [dataset.name, dataset]));
  const remove: MergedBranch[] = [];
  const compare: MergedBranch[] = [];
  const unproven: UnprovenBranch[] = [];
  const asked: Twins[] = [];
  const isSealed = ({ properties }: Dataset): boolean =>
    [homesRoot, conflictsRoot].some((root) => properties['encryptionroot']?.startsWith(`${root}/`));
  for (const top of conflicts) {
    const { name: branch } = top;
    const user = conflictUser(top);
    if (user === null || branch.slice(0, branch.lastIndexOf('/')) !== conflictsRoot) continue;
    const home = childOf(homesRoot, user);
    const all = conflicts.filter(({ name }) => name === branch || name.startsWith(`${branch}/`));
    const verdicts = all.map((one) => mergedInto(one, known.get(home + one.name.slice(branch.length))));
    if (verdicts.some(({ kind }) => kind === 'no')) continue;
    const twins = verdicts.flatMap((verdict) => (verdict.kind === 'twins' ? verdict.twins : []));
    const aside = removedName(removedRootOf(conflictsRoot), branch, now);
    if (all.some(isSealed)) unproven.push({ branch, home, why: 'sealed' });
    else if (verdicts.some(({ kind }) => kind === 'unproven') || aside === null)
      unproven.push({ branch, home, why: 'alone' });
    else {
      const merged = { branch, home, aside, datasets: seenDatasets(all), twins };
      asked.push(...twins);
      const likeness = likenessOf(twins, contents);
      if (likeness === 'same') remove.push(merged);
      else if (likeness === 'unread') compare.push(merged);
      else unproven.push({ branch, home, why: 'different' });
    }
  }
  return { remove, compare, unproven, asked };
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
  end,
  remove,
  compare,
  destroy,
  unproven,
  doubled,
}: Omit<TendPlan, 'memory' | 'contents'>): readonly string[] {
  return [
    ...end.map(
      ({ dataset, program: { pid, ageMs } }) =>
        `end the receive into ${dataset} (process ${pid}), which has run for ${inWords(ageMs)}`,
    ),
    ...abort.map(
      ({ dataset, idleMs, ageMs, because }) =>
        `give up the interrupted receive in ${dataset}: ${because === 'idle' ? `nothing came for ${Math.floor(idleMs / 60_000)} min` : `it has not ended for ${Math.floor(ageMs / 86_400_000)} days`}`,
    ),
    ...remove.map(
      ({ branch, home, aside, datasets }) =>
        `remove the branch ${branch} (kept for ${keptDays} days as ${aside}): ${home} has ${datasets.flatMap(({ snapshots }) => snapshots.slice(-1).map((name) => `@${shortNameOf(name)}`)).join(' ')}`,
    ),
    ...compare.map(
      ({ branch, home }) =>
        `compare the branch ${branch} with ${home}, file by file: it is removed where ${home} holds the same`,
    ),
    ...destroy.map(({ dataset }) => `destroy ${dataset}: it was removed more than ${keptDays} days ago`),
    ...unproven.map(unprovenInWords),
    ...doubled.map((one) => `leave ${datasetOf(one.first)} alone: ${doubledInWords(one)}`),
  ];
}

function inWords(ms: number): string {
  return ms < 2 * 86_400_000 ? `${Math.floor(ms / 60_000)} min` : `${Math.floor(ms / 86_400_000)} days`;
}

/** Pure. */
export function unprovenInWords({ branch, home, why }: UnprovenBranch): string {
  const short = branch.slice(branch.lastIndexOf('/') + 1);
  const reason = {
    sealed: `it is encrypted, so nobody here can see that ${home} holds the same`,
    alone: `${home} has a version of its guid, but not all snapshots to compare it with`,
    different: `${home} has a version of its guid that holds something else, so this may be the only copy of somebody's work`,
  }[why];
  return `${branch} stays: ${reason}. ` + `\`roamhome conflicts discard ${short} --server\` destroys it`;
}
