import { shellWord } from '../host/shell-word.ts';
import type { SendFlags } from '../zfs/commands/stream.ts';
import { doubledInWords, doubledRemedy } from '../zfs/doubled-error.ts';
import { childOf, type DatasetName } from '../zfs/names.ts';
import { bring, type Brought } from './bring.ts';
import { carryOver } from './carry.ts';
import { putOffBelowDiscarded } from './discarded.ts';
import { headOf, pairDatasets, type DatasetPair, type HomeState } from './home-state.ts';
import type { PartialOwner, ResumeRules } from './partial.ts';
import { flagsProperty, shownFlags } from './properties.ts';
import { sendStep } from './make-step.ts';
import { refuse } from './refuse.ts';
import { relate, type Relation } from './relation.ts';
import { carrierOf, isSayablePath, sayableFrom, sayableTwin } from './sayable.ts';
import { noSetbacks, type Setbacks } from './setbacks.ts';
import type { Intent, LeftOut, Plan, Refusal, Step } from './step.ts';

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
  /** By what this Mac knows its own interrupted pushes. Default: it knows none. */
  readonly owner?: PartialOwner;
  /** One stream for each snapshot: all that a server sends to an account that may not hold snapshots. */
  readonly pullOneByOne?: boolean;
  /** What zfs would not do in this run. Default: nothing. */
  readonly setbacks?: Setbacks;
  /** The flags on record are not to be used any more: `defaultFlags` takes their place there. */
  readonly replaceFlags?: boolean;
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
  const rules = rulesOf(server, options);
  const all = pairDatasets(local, server).map((pair) => ({ pair, relation: relate(pair, rules) }));
  const left = all.flatMap(({ pair, relation }) => leftOut(pair, relation, options) ?? []);
  const planned = all.filter(
    ({ pair }) => !left.some(({ path }) => path === pair.path) && !isBelowMissing(pair.path, all),
  );
  const kinds = new Set(planned.map(({ relation }) => relation.kind));
  const ahead = kinds.has('ahead') || kinds.has('ahead-blocked') || kinds.has('missing-server');
  const behind = kinds.has('behind') || kinds.has('behind-blocked') || kinds.has('missing-local');
  const plan = { steps: [], refusal: null, again: false, left, ahead, behind };

  const covers = options.intent === 'login' ? coversFor(planned, rules, options) : [];
  if (covers.length > 0) return { ...plan, steps: covers, again: true };

  const refusal =
    (all.length === 0 ? homeMissing(options) : null) ??
    firstRefusal(planned, rules, options) ??
    (ahead ? lineRefusal(server, options) : null);
  if (refusal !== null) return { ...plan, refusal };

  // What is new of the server first: a push that takes too long must not leave half of a home as it was.
  const parts = [
    ...(options.intent === 'login'
      ? planned.map(({ pair, relation }) => planPull(pair, relation, rules, options))
      : []),
    ...planned.map(({ pair, relation }) =>
      planPush(pair, relation, rules, childOf(options.serverHome, pair.path)),
    ),
  ];
  const steps = putOffBelowDiscarded(parts.flatMap((part) => part.steps));
  return {
    ...plan,
    steps: ahead ? withFlags(steps, server, options) : steps,
    again: parts.some((part) => part.again),
  };
}

/** The flags that a home's streams are made with: what the server has on record counts for every Mac. */
export function sendFlagsOf(
  server: HomeState | null,
  { defaultFlags, replaceFlags = false }: Pick<PlanOptions, 'defaultFlags' | 'replaceFlags'>,
): SendFlags {
  return replaceFlags ? defaultFlags : (server?.sendFlags ?? defaultFlags);
}

interface Rules extends ResumeRules {
  readonly flags: SendFlags;
  readonly raw: boolean;
}

function rulesOf(server: HomeState | null, options: PlanOptions): Rules {
  const flags = sendFlagsOf(server, options);
  return { flags, raw: flags === 'w', refused: (options.setbacks ?? noSetbacks).refused };
}

interface Planned {
  readonly pair: DatasetPair;
  readonly relation: Relation;
}

/** On the server, where the newest changes have a name that no command can say: a snapshot on top can be. */
function coversFor(planned: readonly Planned[], rules: Rules, { serverHome }: PlanOptions): readonly Step[] {
  return planned.flatMap(({ pair: { path, server }, relation }): Step[] => {
    const isWanted =
      relation.kind === 'behind' ||
      relation.kind === 'behind-blocked' ||
      relation.kind === 'missing-local' ||
      relation.kind === 'diverged' ||
      relation.kind === 'no-common';
    const head = server === null ? null : headOf(server);
    if (!isWanted || server === null || head === null || carrierOf(server, rules) !== null) return [];
    return [{ kind: 'cover', dataset: childOf(serverHome, path), short: `roamhome-as-${head.guid}` }];
  });
}

/** What no command can be said about on the server; null: it can be synced, or needs not. */
function leftOut(
  pair: DatasetPair,
  relation: Relation,
  { localHome, serverHome, pullOneByOne = false }: PlanOptions,
): (LeftOut & { readonly path: string }) | null {
  if (relation.kind === 'equal' || relation.kind === 'nothing') return null;
  const { path, local, server } = pair;
  if (relation.kind === 'doubled') return leftDoubled(path, relation, { localHome, serverHome });
  const isUnsent = relation.kind !== 'behind' && relation.kind !== 'missing-local';
  const told = { kind: 'unsayable', path, isUnsent } as const;
  if (!isSayablePath(path)) {
    const dataset = childOf(local === null ? serverHome : localHome, path);
    const plain = dataset.replaceAll(/[^A-Za-z0-9_.:/-]/g, '-');
    return {
      ...told,
      dataset,
      evidence: 'its name has a blank, which no command on the server can say',
      cure: `Run \`zfs rename ${shellWord(dataset)} ${plain}\` ${local === null ? 'on the server' : 'on this Mac'}.`,
    };
  }
  if (relation.kind !== 'behind' || server === null || local === null) return null;
  if (sayableTwin(server, relation.from) !== null) return null;
  const receiver = { name: local.name, snapshots: local.snapshots };
  const to = sayableFrom(server, relation.to) ?? relation.to;
  // Several snapshots in one stream need the right to hold them.
  if (!pullOneByOne && carryOver(server, relation.from, to, receiver) !== null) return null;
  const plain = relation.from.name.replaceAll(/[^A-Za-z0-9_.:/@#-]/g, '-');
  return {
    ...told,
    dataset: childOf(localHome, path),
    evidence: `the server names what both sides have ${JSON.stringify(relation.from.name)}, which no command can say`,
    cure: `Run \`zfs rename ${shellWord(relation.from.name)} ${plain}\` on the server.`,
  };
}

/** Nobody can tell which of the two a stream would go on from: it stays as it is on both sides, and is mounted as it is here. */
function leftDoubled(
  path: string,
  { side, doubled }: Extract<Relation, { kind: 'doubled' }>,
  { localHome, serverHome }: Pick<PlanOptions, 'localHome' | 'serverHome'>,
): LeftOut & { readonly path: string } {
  const [home, place] = side === 'local' ? [localHome, 'this Mac'] : [serverHome, 'the server'];
  const dataset = childOf(home, path);
  return {
    ...{ kind: 'doubled', path, dataset, isUnsent: true },
    evidence: `on ${place} ${doubledInWords(doubled)}`,
    cure: doubledRemedy(doubled, place),
  };
}

/** Nothing is received below a dataset that is left out and is not there. */
function isBelowMissing(path: string, all: readonly Planned[]): boolean {
  return all.some(
    ({ pair: above, relation }) =>
      relation.kind === 'doubled' &&
      (above.local === null || above.server === null) &&
      (above.path === '' || path.startsWith(`${above.path}/`)),
  );
}

function homeMissing({ localHome, serverHome }: PlanOptions): Refusal {
  const evidence = `the server has no ${serverHome} either`;
  return { kind: 'home-missing', dataset: localHome, evidence };
}

function firstRefusal(planned: readonly Planned[], rules: ResumeRules, options: PlanOptions): Refusal | null {
  // One remedy for all of the home.
  const inTheWay = planned.flatMap(({ relation }) => (relation.kind === 'ahead-blocked' ? relation.by : []));
  const refusals = planned.flatMap(
    ({ pair, relation }) => refuse(pair, relation, rules, { ...options, inTheWay }) ?? [],
  );
  // Where a dataset has gone two ways, removing what is in the way of another sends nothing.
  const apart =
    inTheWay.length === 0
      ? undefined
      : refusals.find(({ kind }) => kind === 'diverged' || kind === 'no-common');
  return apart ?? refusals[0] ?? null;
}

/** A line that the server has not at all is nobody else's. */
function lineRefusal(server: HomeState | null, { localHome, lineTaken }: PlanOptions): Refusal | null {
  if (server === null || (lineTaken ?? null) === null) return null;
  return { kind: 'server-blocked', dataset: localHome, evidence: lineTaken ?? '' };
}

function planPush({ local, server }: DatasetPair, { kind }: Relation, rules: Rules, name: DatasetName): Part {
  if (kind !== 'ahead' && kind !== 'missing-server') return nothingToDo;
  // What cannot be resumed there has refused the plan before this. In full, so that what was kept on this Mac before its first
  // push is kept there too.
  return partOf(
    bring({
      direction: 'push',
      source: local,
      target: { name, state: server },
      wanted: 'newest',
      bases: 'own',
      policy: { ...rules, onForeign: 'refuse', inFull: 'all', oneByOne: false },
    }),
  );
}

function planPull(
  { path, local, server }: DatasetPair,
  { kind }: Relation,
  rules: Rules,
  options: PlanOptions,
): Part {
  const { localHome, newHome, pullOneByOne: oneByOne = false } = options;
  const brought = bring({
    direction: 'pull',
    source: server,
    target: { name: childOf(localHome, path), state: local },
    wanted: 'newest',
    bases: 'own',
    policy: {
      ...rules,
      ...{ onForeign: 'discard', inFull: 'newest', oneByOne },
      properties: {
        ...newHome?.each,
        ...(path === '' ? newHome?.root : {}),
        ...(rules.raw ? newHome?.raw : {}),
      },
    },
  });
  if (brought.kind === 'discard') return partOf(brought);
  if (kind !== 'behind' && kind !== 'missing-local') return nothingToDo;
  // What is in no snapshot is not given up: it is snapshotted first, or stays as it is.
  if (local?.change === 'files') return nothingToDo;
  const head = local === null || local.change === 'none' ? null : headOf(local);
  const { steps, again } = partOf(brought);
  return {
    steps: [...(head === null ? [] : [{ kind: 'rollback', to: head.name } as const]), ...steps],
    again,
  };
}

function partOf(brought: Brought): Part {
  return 'steps' in brought ? { steps: brought.steps, again: brought.kind !== 'steps' } : nothingToDo;
}

/**
 * Written down on the server, where every Mac looks, before the first byte: a run that is cut off leaves no stream that
 * nobody knows the kind of. The first receive of a home has it among its own properties.
 */
function withFlags(steps: readonly Step[], server: HomeState | null, options: PlanOptions): readonly Step[] {
  const flags = sendFlagsOf(server, options);
  if (server?.sendFlags === flags) return steps;
  const record: Step = { kind: 'record-flags', dataset: options.serverHome, flags };
  if (server !== null) return [record, ...steps];
  const first = steps.findIndex((step) => step.kind === 'send' && step.direction === 'push');
  return steps.map((step, at) =>
    at === first && step.kind === 'send'
      ? sendStep('push', step, { ...step.properties, [flagsProperty]: shownFlags(flags) })
      : step,
  );
}
