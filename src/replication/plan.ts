import type { Direction } from '../progress/event.ts';
import type { SendFlags } from '../zfs/commands/stream.ts';
import { childOf, type DatasetName } from '../zfs/names.ts';
import type { Snapshot } from '../zfs/version.ts';
import { carry, type Carry } from './carry.ts';
import { putOffBelowDiscarded } from './discarded.ts';
import { headOf, pairDatasets, type DatasetPair, type HomeState } from './home-state.ts';
import { resumablePull, resumablePush } from './partial.ts';
import { refuse } from './refuse.ts';
import { relate, type Relation } from './relation.ts';
import type { Intent, Plan, Refusal, Step } from './step.ts';

export interface PlanOptions {
  readonly intent: Intent;
  /** Where the home is, or would be, on each side. */
  readonly localHome: DatasetName;
  readonly serverHome: DatasetName;
  /** Send a home in full that the server does not have. */
  readonly createOnServer: boolean;
  /** What a home is sent with that has nothing recorded yet. */
  readonly defaultFlags: SendFlags;
  /**
   * Set on what is received in full on this Mac, by the receive itself: a command of its own would wait for the disk.
   * The home's alone, those of every dataset of it, and of each that comes as a raw stream. Default: none.
   */
  readonly newHome?: {
    readonly root: Readonly<Record<string, string>>;
    readonly each: Readonly<Record<string, string>>;
    readonly raw: Readonly<Record<string, string>>;
  };
  /**
   * Why the server's line is not this Mac's to carry on now: what this Mac has more is a conflict then, though both
   * sides would fit. Default: it is.
   */
  readonly lineTaken?: string | null;
  /** One stream for each snapshot: all that a server sends to an account that may not hold snapshots. */
  readonly pullOneByOne?: boolean;
}

interface Part {
  readonly steps: readonly Step[];
  readonly again: boolean;
}

const nothingToDo: Part = { steps: [], again: false };

/**
 * What has to be done for one home. Pure: no I/O, no clock, no logging; the same observations give the same plan.
 * Every local change must be in a snapshot already: no dataset's `change` is 'files'.
 */
export function planSync(local: HomeState | null, server: HomeState | null, options: PlanOptions): Plan {
  const planned = pairDatasets(local, server).map((pair) => ({ pair, relation: relate(pair) }));
  const kinds = new Set(planned.map(({ relation }) => relation.kind));
  const ahead = kinds.has('ahead') || kinds.has('missing-server');
  const behind = kinds.has('behind') || kinds.has('missing-local');

  const refusal = firstRefusal(planned, options) ?? (ahead ? lineRefusal(server, options) : null);
  if (refusal !== null) return { steps: [], refusal, again: false, ahead, behind };

  const parts = planned.flatMap(({ pair, relation }) => [
    planPush(pair, relation, childOf(options.serverHome, pair.path)),
    options.intent === 'login' ? planPull(pair, relation, server, options) : nothingToDo,
  ]);
  const steps = putOffBelowDiscarded(parts.flatMap((part) => part.steps));
  const again = parts.some((part) => part.again);
  return {
    steps: ahead ? [...steps, ...recordFlags(server, options)] : steps,
    refusal: null,
    again,
    ahead,
    behind,
  };
}

/** The flags that a home's streams are made with: what the server has on record counts for every Mac. */
export function sendFlagsOf(server: HomeState | null, fallback: SendFlags): SendFlags {
  return server?.sendFlags ?? fallback;
}

function firstRefusal(
  planned: readonly { readonly pair: DatasetPair; readonly relation: Relation }[],
  options: PlanOptions,
): Refusal | null {
  if (planned.length === 0) {
    const evidence = `the server has no ${options.serverHome} either`;
    return { kind: 'home-missing', dataset: options.localHome, evidence };
  }
  for (const { pair, relation } of planned) {
    const refusal = refuse(pair, relation, childOf(options.localHome, pair.path), options);
    if (refusal !== null) return refusal;
  }
  return null;
}

/** A line that the server has not at all is nobody else's. */
function lineRefusal(server: HomeState | null, { localHome, lineTaken }: PlanOptions): Refusal | null {
  if (server === null || (lineTaken ?? null) === null) return null;
  return { kind: 'server-blocked', dataset: localHome, evidence: lineTaken ?? '' };
}

function planPush(pair: DatasetPair, relation: Relation, target: DatasetName): Part {
  const { local, server } = pair;
  if (local === null || (relation.kind !== 'ahead' && relation.kind !== 'missing-server')) return nothingToDo;
  const resumable = resumablePush(pair, relation);
  if (resumable !== null)
    return { steps: [{ kind: 'resume', direction: 'push', target, ...resumable }], again: true };
  if (relation.kind === 'ahead') {
    const receiver = { name: target, snapshots: server?.snapshots ?? [] };
    return { steps: sends('push', carry(local, relation.from, relation.to, receiver)), again: false };
  }
  // The whole history, so that what was kept on this Mac before its first push is kept there too.
  const { first, to } = relation;
  const rest = carry(local, first, to, { name: target, snapshots: [first] });
  return { steps: sends('push', [full(first, target), ...rest]), again: false };
}

function planPull(
  pair: DatasetPair,
  relation: Relation,
  serverHome: HomeState | null,
  options: PlanOptions,
): Part {
  const { local, server } = pair;
  const target = childOf(options.localHome, pair.path);
  const resumable = resumablePull(pair, relation);
  if (local !== null && local.partial !== null && resumable === null) {
    const why = local.partial === 'unknown' ? 'its token cannot be read' : 'its target is no longer wanted';
    return { steps: [{ kind: 'discard-partial', dataset: target, why }], again: true };
  }
  if (server === null || (relation.kind !== 'behind' && relation.kind !== 'missing-local'))
    return nothingToDo;
  // What is in no snapshot is not given up: it is snapshotted first, or stays as it is.
  if (local?.change === 'files') return nothingToDo;
  const head = local === null || local.change === 'none' ? null : headOf(local);
  const back: readonly Step[] = head === null ? [] : [{ kind: 'rollback', to: head.name }];
  if (resumable !== null)
    return { steps: [...back, { kind: 'resume', direction: 'pull', target, ...resumable }], again: true };
  if (relation.kind === 'missing-local')
    return {
      steps: [
        pullInFull(pair.path, relation.to, target, sendFlagsOf(serverHome, options.defaultFlags), options),
      ],
      again: false,
    };
  const receiver = { name: target, snapshots: local?.snapshots ?? [] };
  const oneByOne = options.pullOneByOne ?? false;
  const streams = carry(server, relation.from, relation.to, receiver, { oneByOne });
  return { steps: [...back, ...sends('pull', streams)], again: false };
}

function pullInFull(
  path: string,
  to: Snapshot,
  target: DatasetName,
  flags: SendFlags,
  { newHome }: PlanOptions,
): Step {
  const properties = {
    ...newHome?.each,
    ...(path === '' ? newHome?.root : {}),
    ...(flags === 'w' ? newHome?.raw : {}),
  };
  return { kind: 'send', direction: 'pull', ...full(to, target), properties };
}

function full(to: Carry['range']['to'], target: DatasetName): Carry {
  return { range: { from: null, to, intermediates: false }, target };
}

function sends(direction: Direction, carries: readonly Carry[]): readonly Step[] {
  return carries.map((one) => ({ kind: 'send', direction, ...one }));
}

/** Written down on the server, where every Mac looks, once a stream of the home has arrived there. */
function recordFlags(server: HomeState | null, options: PlanOptions): readonly Step[] {
  if (server !== null && server.sendFlags !== null) return [];
  return [{ kind: 'record-flags', dataset: options.serverHome, flags: options.defaultFlags }];
}
