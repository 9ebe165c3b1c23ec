import type { Direction } from '../progress/event.ts';
import type { SendFlags } from '../zfs/commands/stream.ts';
import type { DatasetName, ResumeToken } from '../zfs/names.ts';
import type { Snapshot, Version } from '../zfs/version.ts';
import { carry, carryOver, landing } from './carry.ts';
import { newestCommon, type Common } from './common.ts';
import { headOf, isUnfinished, type DatasetState } from './home-state.ts';
import { cloneStep, discardStep, resumeStep, sendStep } from './make-step.ts';
import { judgePartial, wayOf, type Way } from './partial.ts';
import { relate, type Relation } from './relation.ts';
import { carrierOf, isSayable, sayableFrom, sayableTwin } from './sayable.ts';
import type { Step } from './step.ts';

/** One dataset, and what it is to have. */
export interface BringRequest {
  /** From where to where: a pull's source and a push's target are on the other machine. */
  readonly direction: Direction;
  /** What has the versions; null: there is no such dataset. */
  readonly source: DatasetState | null;
  /** `state`: null: there is no such dataset yet. */
  readonly target: { readonly name: DatasetName; readonly state: DatasetState | null };
  /** A snapshot of the source, by itself; `newest`: all that it has, with the snapshots on the way. */
  readonly wanted: Snapshot | 'newest';
  /** What the target begins with where it is not there. */
  readonly bases: Bases;
  readonly policy: BringPolicy;
}

/**
 * `own`: nothing, it begins with a full stream. Else it begins as a clone of the newest of the `sibling`'s snapshots, a dataset on the target's
 * side, that is among `versions`, the source's name for them; where there is none, with a full stream.
 */
export type Bases = 'own' | { readonly sibling: readonly Snapshot[]; readonly versions: readonly Version[] };

export interface BringPolicy {
  /** What streams are made with: one of another kind is not resumed. null: whatever it is. */
  readonly flags: SendFlags | null;
  /** Tokens that zfs would not go on with in this run. */
  readonly refused: ReadonlySet<ResumeToken>;
  /** An interrupted receive that cannot be resumed is given up, or left for whoever owns it. */
  readonly onForeign: 'discard' | 'refuse';
  /** What a full stream begins with: the oldest snapshot of the source, or the wanted one. */
  readonly inFull: 'all' | 'newest';
  /** No stream carries more than one snapshot: several need the right to hold. */
  readonly oneByOne: boolean;
  /** Set on a target that is made; `full` besides where it is made by a full stream. Default: none. */
  readonly properties?: Readonly<Record<string, string>>;
  readonly full?: Readonly<Record<string, string>>;
}

export type Brought =
  /** The target has what is wanted. `beyond`: and more. */
  | { readonly kind: 'there' | 'beyond' }
  /** The source has no version. */
  | { readonly kind: 'nothing' }
  /** The whole way. `clonedFrom`: what the target begins as; null: it is there, or begins with a full stream. */
  | { readonly kind: 'steps'; readonly steps: readonly Step[]; readonly clonedFrom: Snapshot | null }
  /** The beginning of the way: to be planned again after it. */
  | { readonly kind: 'resume' | 'discard'; readonly steps: readonly Step[] }
  /** `why` what waits in the target cannot be resumed; nothing can be received there until its owner gives it up. */
  | { readonly kind: 'foreign'; readonly why: string }
  /** Nothing of the source can be received on what the target holds. */
  | { readonly kind: 'other-line' };

/**
 * The steps that bring a dataset to a version of another one: what was interrupted is resumed if it leads there, else given up or refused; then
 * come increments on what the target has, a clone with increments, or a full stream. The only planner of these. Pure.
 */
export function bring(request: BringRequest): Brought {
  const { source, target } = request;
  const whole = source === null || isUnfinished(source) ? null : source;
  const there = target.state === null || isUnfinished(target.state) ? null : target.state;
  if (there === null) return start(request, whole);
  return goOn(request, whole, there);
}

/** The target is not there, or holds nothing but the beginning of a first receive. */
function start(request: BringRequest, source: DatasetState | null): Brought {
  const { target, bases, policy } = request;
  const base = bases === 'own' ? null : newestCommon(bases.versions, bases.sibling);
  const targets = request.wanted === 'newest' ? (source?.snapshots ?? []) : [request.wanted];
  const cut = takeUp(request, { targets, bases: [base?.onto.guid ?? null] });
  if (cut !== null) return cut;
  const wanted = wantedOf(request, source);
  if (wanted === null) return { kind: 'nothing' };
  const clonedFrom = base?.onto ?? null;
  if (base !== null && base.from.createtxg >= wanted.createtxg) {
    const clone = cloneStep(base.onto.name, target.name, policy.properties ?? {});
    return { kind: 'steps', steps: [clone], clonedFrom };
  }
  const first = source === null ? wanted : firstOf(request, source, base, wanted);
  const into = { name: target.name, snapshots: [] };
  const isPush = request.direction === 'push';
  const range = { from: base?.from ?? null, to: first, intermediates: false };
  const steps = [
    sendStep(
      request.direction,
      { range, target: isPush ? landing(into, first) : target.name },
      propertiesOf(policy, base),
    ),
    ...(source === null || first.guid === wanted.guid
      ? []
      : sends(request, source, first, wanted, { ...into, snapshots: [first] })),
  ];
  return { kind: 'steps', steps, clonedFrom };
}

/** The target has versions, or is a clone. */
function goOn(request: BringRequest, source: DatasetState | null, there: DatasetState): Brought {
  const { direction, target } = request;
  const isPush = direction === 'push';
  const pair = isPush ? { local: source, server: there } : { local: there, server: source };
  const relation = relate({ path: there.path, ...pair }, { raw: request.policy.flags === 'w' });
  const isOnward = relation.kind === (isPush ? 'ahead' : 'behind');
  // What may not be given up is in the way only where there is something to bring.
  const isJudged = isOnward || request.policy.onForeign === 'discard';
  const cut = isJudged ? takeUp(request, wayTo(request, isOnward ? relation : null)) : null;
  if (cut !== null) return cut;
  if (isCloneOfWanted(request, there) || relation.kind === 'equal') return { kind: 'there' };
  if (relation.kind === (isPush ? 'behind' : 'ahead')) return { kind: 'beyond' };
  if (source === null || !isOnward) return { kind: 'other-line' };
  const steps = increments(request, source, relation, { name: target.name, snapshots: there.snapshots });
  return steps === null ? { kind: 'other-line' } : { kind: 'steps', steps, clonedFrom: null };
}

/** null: nothing leads on. */
function wayTo({ source, wanted }: BringRequest, relation: Relation | null): Way {
  const way: Way = relation === null ? { targets: [] } : wayOf(relation, source);
  return wanted === 'newest'
    ? way
    : { ...way, targets: way.targets.filter(({ guid }) => guid === wanted.guid) };
}

/** It shows what is wanted, and has no snapshot of its own. */
function isCloneOfWanted(request: BringRequest, there: DatasetState): boolean {
  const { bases, source } = request;
  if (bases === 'own' || there.snapshots.length > 0) return false;
  const base = newestCommon(bases.versions, bases.sibling);
  const isOfBase = base !== null && there.properties['origin'] === base.onto.name;
  const wanted = wantedOf(request, source);
  return isOfBase && wanted !== null && base.from.createtxg >= wanted.createtxg;
}

/** null: nothing waits in the target. */
function takeUp({ direction, target, policy }: BringRequest, way: Way): Brought | null {
  if (target.state === null) return null;
  const verdict = judgePartial(target.state, way, policy);
  if (verdict.kind === 'none') return null;
  if (verdict.kind === 'resume') {
    const landed = landing({ name: target.name, snapshots: target.state.snapshots }, verdict.to);
    return { kind: 'resume', steps: [resumeStep(direction, landed, verdict)] };
  }
  return policy.onForeign === 'discard'
    ? { kind: 'discard', steps: [discardStep(target.name, verdict.why)] }
    : { kind: 'foreign', why: verdict.why };
}

/** On the other machine a command has to say the name: one newer on top, or older with all changes, stands for it. */
function wantedOf({ wanted, direction, policy }: BringRequest, source: DatasetState | null): Snapshot | null {
  if (wanted !== 'newest') return wanted;
  if (source === null) return null;
  const carrier = direction === 'push' ? null : carrierOf(source, { raw: policy.flags === 'w' });
  return carrier ?? headOf(source);
}

function firstOf(
  { wanted: which, direction, policy }: BringRequest,
  source: DatasetState,
  base: Common<Version, Snapshot> | null,
  wanted: Snapshot,
): Snapshot {
  if (which !== 'newest') return wanted;
  // A raw target has to have what comes after the newest changes too, as it is there.
  if (base === null && policy.inFull === 'newest') return carrierOf(source, { raw: false }) ?? wanted;
  const isFirst = (one: Snapshot): boolean =>
    (base === null || one.createtxg > base.from.createtxg) && (direction === 'push' || isSayable(one));
  return source.snapshots.find(isFirst) ?? wanted;
}

function propertiesOf(
  { properties, full }: BringPolicy,
  base: Common<Version, Snapshot> | null,
): Readonly<Record<string, string>> | undefined {
  if (base !== null) return { origin: base.onto.name, ...properties };
  return properties === undefined && full === undefined ? undefined : { ...full, ...properties };
}

type Receiver = Parameters<typeof carry>[3];

/** null: no command can say what they go on from. */
function increments(
  request: BringRequest,
  source: DatasetState,
  relation: Relation,
  receiver: Receiver,
): readonly Step[] | null {
  if (relation.kind !== 'ahead' && relation.kind !== 'behind') return null;
  if (request.direction === 'push') return sends(request, source, relation.from, relation.to, receiver);
  const from = sayableTwin(source, relation.from);
  const to = sayableFrom(source, relation.to) ?? relation.to;
  if (from !== null) return sends(request, source, from, to, receiver);
  const over = request.policy.oneByOne ? null : carryOver(source, relation.from, to, receiver);
  return over === null ? null : [sendStep(request.direction, over)];
}

function sends(
  { direction, policy }: BringRequest,
  source: DatasetState,
  from: Version,
  to: Snapshot,
  receiver: Receiver,
): readonly Step[] {
  const carries = carry(source, from, to, receiver, { oneByOne: policy.oneByOne });
  return carries.map((one) => sendStep(direction, one));
}
