import { shortNameOf, type Guid } from '../zfs/names.ts';
import type { Snapshot } from '../zfs/version.ts';
import type { Duration } from './duration.ts';
import type { Rule, Schedule } from './schedule.ts';

/** Why a snapshot stays whatever the schedule says. */
export type Pin =
  /** The newest of all, or of those that are ours to thin. */
  | 'newest'
  /** The server is not known to have it. */
  | 'unsynced'
  /** What the other side goes on from: the newest with changes; on a Mac the newest of those that the server is known to have, too. */
  | 'common'
  | 'held'
  /** A clone, or an interrupted receive, hangs on it. */
  | 'origin'
  /** Its dataset has two snapshots of one guid: nobody can tell them apart. */
  | 'doubled'
  /** Not ours to thin: thinning.match does not find it. */
  | 'foreign';

export type KeepReason =
  | { readonly kind: 'pinned'; readonly by: Pin }
  | { readonly kind: 'future' }
  | { readonly kind: 'among-newest'; readonly count: number }
  | { readonly kind: 'oldest-of-block'; readonly rule: Rule };

export type DestroyReason =
  /** Of a block in its life: `oldest` is kept in its place. */
  | { readonly kind: 'older-in-block'; readonly rule: Rule; readonly oldest: Thinnable }
  | { readonly kind: 'past-maximum-age'; readonly age: Duration }
  | { readonly kind: 'not-among-newest'; readonly count: number }
  /** No rule reaches that far back; the longest is named. */
  | { readonly kind: 'outlived'; readonly rule: Rule };

/** What is looked at of a snapshot; `creation` in seconds since the epoch. */
export type Thinnable = Pick<Snapshot, 'name' | 'guid' | 'createtxg' | 'creation'>;

export interface Kept<S> {
  readonly snapshot: S;
  /** One at least. */
  readonly reasons: readonly KeepReason[];
}

export interface Destroyed<S> {
  readonly snapshot: S;
  /** One at least. */
  readonly reasons: readonly DestroyReason[];
}

/** What becomes of a dataset's snapshots, each list oldest first. */
export interface Thinned<S> {
  readonly kept: readonly Kept<S>[];
  readonly destroyed: readonly Destroyed<S>[];
}

export interface ThinOptions {
  readonly schedule: Schedule;
  /** null: none. */
  readonly maximumAge: Duration | null;
  /** By guid; `newest` and `foreign` are found here. */
  readonly pins: ReadonlyMap<Guid, readonly Pin[]>;
  /** Finds the short names of the snapshots that are ours to thin. Neither global nor sticky. */
  readonly match: RegExp;
  /** Seconds since the epoch. */
  readonly now: number;
  /** When a snapshot of that createtxg was there at the latest, in seconds since the epoch. Default: now. */
  readonly arrival?: (createtxg: bigint) => number;
}

/**
 * Which snapshots of one dataset stay and which go. Pure; linear. The snapshots are all of the dataset, in the order of
 * createtxg.
 *
 * What a rule keeps hangs on its block alone: the first of the block by createtxg, for as long as the block is in its life. That one is
 * there until the block's life has ended, so thinning often and thinning once leave the same, as long as `now` does not
 * go back between the runs. One whose time had not come yet when it was first seen is in a block only where no other is. Were a rule's life counted from each snapshot instead, the second of a block would take
 * the place of the first when that one has outlived it.
 */
export function thin<S extends Thinnable>(snapshots: readonly S[], options: ThinOptions): Thinned<S> {
  const { schedule, pins, match, now } = options;
  const ours = snapshots.filter(({ name }) => match.test(shortNameOf(name)));
  const isOurs = new Set<S>(ours);
  const [newest, newestOfOurs] = [snapshots.at(-1), ours.at(-1)];
  const recent = new Set<S>(schedule.newest > 0 ? ours.slice(-schedule.newest) : []);
  const rules = schedule.rules.map((rule) => ({ rule, reason: { kind: 'oldest-of-block', rule } as const }));
  const isTrue = ({ createtxg, creation }: S): boolean =>
    creation <= Math.min(now, options.arrival?.(createtxg) ?? now);
  // A time that was still to come when the snapshot was here already is made up: it takes nobody's place.
  const [made, madeUp] = [ours.filter(isTrue), ours.filter((one) => !isTrue(one))];
  const firsts = rules.map(({ rule }) => firstOfBlocks([...made, ...madeUp], rule));
  const kept: Kept<S>[] = [];
  const destroyed: Destroyed<S>[] = [];

  for (const snapshot of snapshots) {
    const reasons: KeepReason[] = (pins.get(snapshot.guid) ?? []).map((by) => ({ kind: 'pinned', by }));
    if (snapshot === newest || snapshot === newestOfOurs) reasons.push({ kind: 'pinned', by: 'newest' });
    if (!isOurs.has(snapshot)) reasons.push({ kind: 'pinned', by: 'foreign' });
    if (snapshot.creation > now) reasons.push({ kind: 'future' });
    if (recent.has(snapshot) && !isPast(snapshot, options))
      reasons.push({ kind: 'among-newest', count: schedule.newest });
    for (const [i, { rule, reason }] of rules.entries()) {
      const first = firsts[i]?.get(blockOf(snapshot, rule));
      if (first === snapshot && isInLife(snapshot, rule, options)) reasons.push(reason);
    }
    if (reasons.length > 0) kept.push({ snapshot, reasons });
    else destroyed.push({ snapshot, reasons: whyNot(snapshot, firsts, recent.has(snapshot), options) });
  }
  return { kept, destroyed };
}

function whyNot<S extends Thinnable>(
  snapshot: S,
  firsts: readonly ReadonlyMap<number, S>[],
  isRecent: boolean,
  options: ThinOptions,
): readonly DestroyReason[] {
  const { schedule, maximumAge } = options;
  const reasons: DestroyReason[] = [];
  for (const [i, rule] of schedule.rules.entries()) {
    const oldest = firsts[i]?.get(blockOf(snapshot, rule));
    if (oldest !== undefined && isInLife(snapshot, rule, options))
      reasons.push({ kind: 'older-in-block', rule, oldest });
  }
  if (reasons.length > 0) return reasons;
  if (maximumAge !== null && (isRecent || reaches(snapshot, options)))
    return [{ kind: 'past-maximum-age', age: maximumAge }];
  const longest = longestLife(schedule);
  if (longest !== null) return [{ kind: 'outlived', rule: longest }];
  return [{ kind: 'not-among-newest', count: schedule.newest }];
}

/** True when some of the schedule would reach back to the snapshot if there were no maximum age. */
function reaches(snapshot: Thinnable, options: ThinOptions): boolean {
  const { schedule } = options;
  return schedule.rules.some((rule) => isInLife(snapshot, rule, { ...options, maximumAge: null }));
}

function longestLife({ rules }: Schedule): Rule | null {
  return rules.reduce<Rule | null>(
    (longest, rule) => (longest === null || rule.life.seconds > longest.life.seconds ? rule : longest),
    null,
  );
}

/** The number of the snapshot's block, counted from the epoch. */
function blockOf({ creation }: Thinnable, { interval }: Rule): number {
  return Math.floor(creation / interval.seconds);
}

/** The first of each block in this order: one that is made later never takes its place, whatever the clock says then. */
function firstOfBlocks<S extends Thinnable>(snapshots: readonly S[], rule: Rule): ReadonlyMap<number, S> {
  const firsts = new Map<number, S>();
  for (const snapshot of snapshots) {
    const block = blockOf(snapshot, rule);
    if (!firsts.has(block)) firsts.set(block, snapshot);
  }
  return firsts;
}

/**
 * A block lives until all of it is older than the rule's life: never shorter than promised. With a maximum age it ends
 * when any of it is older: never longer than allowed.
 */
function isInLife(snapshot: Thinnable, rule: Rule, { now, maximumAge }: ThinOptions): boolean {
  const { interval, life } = rule;
  const begin = blockOf(snapshot, rule) * interval.seconds;
  return (
    begin + interval.seconds > now - life.seconds &&
    (maximumAge === null || begin >= now - maximumAge.seconds)
  );
}

function isPast({ creation }: Thinnable, { now, maximumAge }: ThinOptions): boolean {
  return maximumAge !== null && creation < now - maximumAge.seconds;
}
