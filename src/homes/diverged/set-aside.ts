import { childOf, type DatasetName } from '../../zfs/names.ts';
import type { SendFlags } from '../../zfs/commands/stream.ts';
import type { LocalProperties } from '../../zfs/read-properties.ts';
import type { Snapshot, Version } from '../../zfs/version.ts';
import { carry } from '../../sync/carry.ts';
import { putOffBelowDiscarded } from '../../sync/discarded.ts';
import { isUnfinished, type DatasetPair, type DatasetState, type HomeState } from '../../sync/home-state.ts';
import { judgePartial } from '../../sync/partial.ts';
import { resumeOrDiscard } from '../../sync/resume-step.ts';
import { conflictProperty, setAsideProperty, unsentProperty } from '../../sync/properties.ts';
import { relate } from '../../sync/relation.ts';
import { carrierOf, isSayable, isSayablePath, sayableFrom, sayableTwin } from '../../sync/sayable.ts';
import { noSetbacks, type Setbacks } from '../../sync/setbacks.ts';
import type { Step } from '../../sync/step.ts';

export interface SetAsideOptions {
  readonly user: string;
  readonly localHome: DatasetName;
  /** Where the Mac's conflicts are. */
  readonly conflictsRoot: DatasetName;
  /** What the home's present line will be called. */
  readonly conflict: DatasetName;
  /** Where its successor is prepared. */
  readonly nextHome: DatasetName;
  readonly pullOneByOne: boolean;
  /** What the home is sent with. */
  readonly flags: SendFlags;
  /** Default: nothing. */
  readonly setbacks?: Setbacks;
  /** The successor must not hang on the home, see `roomFor`. */
  readonly apart: boolean;
  /** What was set on the home's datasets, and is set on their successors. */
  readonly properties: LocalProperties;
  /** What the place for conflicts is made with, so that files show there as they do in the home. */
  readonly showing: Readonly<Record<string, string>>;
}

interface Part {
  readonly steps: readonly Step[];
  /** They end with the change of names; else the successor is not complete after them. */
  readonly swaps: boolean;
  /** What is noted on the successor besides, before the names change, where the server has not got the line. */
  readonly ifUnsent: Step;
}

/** The steps as they are where the server could not take the line: the home will say so, and later runs send it. Pure. */
export function stepsUnsent({ steps, ifUnsent }: Pick<Part, 'steps' | 'ifUnsent'>): readonly Step[] {
  return steps.flatMap((step) => (step.kind === 'mark' ? [ifUnsent, step] : [step]));
}

/**
 * How the home's line on this Mac makes room for the server's: a successor is prepared beside it, a clone of the
 * newest snapshot that both have with what the server has since; where there is none, all of the server's. Then the
 * two change names. Until then the home stays as it is, and a crash at any step leaves a complete home under its own
 * name or beside it, which src/homes/diverged/recover.ts puts in place. `next`: what is prepared already. Pure.
 */
export function planSetAside(
  pairs: readonly DatasetPair[],
  local: HomeState,
  next: HomeState | null,
  options: SetAsideOptions,
): Part {
  const prepared = new Map((next?.datasets ?? []).map((dataset) => [dataset.path, dataset]));
  const parts = pairs.map((pair) => ({
    path: pair.path,
    ...prepare(pair, prepared.get(pair.path) ?? null, options),
  }));
  const own = options.properties.get(options.localHome) ?? {};
  const properties = { [unsentProperty]: noted(own[unsentProperty], options) };
  const ifUnsent: Step = { kind: 'mark', dataset: options.nextHome, properties };
  if (parts.some((part) => part.kind === 'unusable')) {
    const away: Step = { kind: 'rename', from: options.nextHome, to: unusedName(options) };
    return { steps: [away], swaps: false, ifUnsent };
  }
  const containers = [options.conflictsRoot, childOf(options.conflictsRoot, 'next')];
  const steps: Step[] = [
    ...containers.map((dataset): Step => ({
      kind: 'create-container',
      dataset,
      properties: options.showing,
    })),
    ...putOffBelowDiscarded(parts.flatMap((part) => part.steps)),
  ];
  if (parts.some((part) => part.kind === 'unfinished')) return { steps, swaps: false, ifUnsent };
  return { steps: [...steps, ...swap(parts, local, options)], swaps: true, ifUnsent };
}

type Prepared =
  /** Not in the successor: the server does not have it, or it is pulled once the names are changed. */
  | { readonly kind: 'left-out'; readonly steps: readonly Step[] }
  /** `hangs`: on a snapshot of the home. */
  | { readonly kind: 'there'; readonly hangs: boolean; readonly steps: readonly Step[] }
  | { readonly kind: 'unfinished'; readonly steps: readonly Step[] }
  /** What stands in its place is of another attempt. */
  | { readonly kind: 'unusable'; readonly steps: readonly Step[] };

function prepare(pair: DatasetPair, there: DatasetState | null, options: SetAsideOptions): Prepared {
  const { local, server } = pair;
  // What no command can say stays on the server; the planner has put a snapshot on top of it (`cover`).
  const head =
    server === null || isUnfinished(server) || !isSayablePath(pair.path)
      ? null
      : carrierOf(server, { raw: options.flags === 'w' });
  if (server === null || head === null || local === null || isUnfinished(local))
    return { kind: 'left-out', steps: [] };
  const target = childOf(options.nextHome, pair.path);
  const base = options.apart ? null : newestCommon(local, server);
  if (there !== null) return prepareRest(pair.path, there, server, { target, head, base }, options);
  const own = options.properties.get(local.name) ?? {};
  const properties = {
    ...keyOf(options),
    ...successorProperties(own, options),
    ...(pair.path === '' ? noteOf(own, options) : {}),
  };
  const hangs = base !== null;
  if (base !== null && base.onServer.createtxg >= head.createtxg)
    return { kind: 'there', hangs, steps: [{ kind: 'clone', from: base.here.name, to: target, properties }] };
  const first =
    base === null
      ? (carrierOf(server, { raw: false }) ?? head)
      : (server.snapshots.find((one) => one.createtxg > base.onServer.createtxg && isSayable(one)) ?? head);
  const range = { from: base?.onServer ?? null, to: first, intermediates: false };
  const origin = base === null ? {} : { origin: base.here.name };
  const start: Step = {
    kind: 'send',
    direction: 'pull',
    range,
    target,
    properties: { ...origin, ...properties },
  };
  return { kind: 'there', hangs, steps: [start, ...pulls(server, first, head, [first], target, options)] };
}

/** Goes on with what is there already of the successor. */
function prepareRest(
  path: string,
  there: DatasetState,
  server: DatasetState,
  {
    target,
    head,
    base,
  }: { readonly target: DatasetName; readonly head: Snapshot; readonly base: Base | null },
  options: SetAsideOptions,
): Prepared {
  const bases = [base?.here.guid ?? null, ...there.snapshots.map(({ guid }) => guid)];
  const rules = { flags: options.flags, refused: (options.setbacks ?? noSetbacks).refused };
  const verdict = judgePartial(there, { targets: server.snapshots, bases }, rules);
  if (verdict.kind !== 'none')
    return { kind: 'unfinished', steps: [resumeOrDiscard('pull', target, verdict)] };
  const origin = there.properties['origin'] ?? '-';
  const hangs = origin !== '-';
  // Of another state of the home.
  if (hangs && origin !== base?.here.name) return { kind: 'unusable', steps: [] };
  if (there.snapshots.length === 0)
    return {
      kind: hangs && base !== null && base.onServer.createtxg >= head.createtxg ? 'there' : 'unusable',
      hangs,
      steps: [],
    };
  const relation = relate({ path, local: there, server }, { raw: options.flags === 'w' });
  if (relation.kind === 'equal') return { kind: 'there', hangs, steps: [] };
  if (relation.kind !== 'behind') return { kind: 'unusable', steps: [] };
  const from = sayableTwin(server, relation.from);
  if (from === null) return { kind: 'unusable', steps: [] };
  const to = sayableFrom(server, relation.to) ?? head;
  return { kind: 'there', hangs, steps: pulls(server, from, to, there.snapshots, target, options) };
}

function pulls(
  server: DatasetState,
  from: Version,
  to: Snapshot,
  snapshots: readonly Snapshot[],
  target: DatasetName,
  { pullOneByOne: oneByOne }: SetAsideOptions,
): readonly Step[] {
  const carries = carry(server, from, to, { name: target, snapshots }, { oneByOne });
  return carries.map((one) => ({ kind: 'send', direction: 'pull', ...one }));
}

/** The newest version that both have, as a real snapshot on this Mac: what follows it can be received on it. */
interface Base {
  readonly here: Snapshot;
  readonly onServer: Version;
}

function newestCommon(local: DatasetState, server: DatasetState): Base | null {
  const theirs = new Map(
    [...server.bookmarks, ...server.snapshots].filter(isSayable).map((version) => [version.guid, version]),
  );
  const here = local.snapshots.findLast(({ guid }) => theirs.has(guid));
  const onServer = here === undefined ? undefined : theirs.get(here.guid);
  return here === undefined || onServer === undefined ? null : { here, onServer };
}

const maxNames = 30;

/** Fixed when a dataset is made, or an encryption root's own: a clone has them from its origin. */
const inborn = /^(casesensitivity|normalization|utf8only|encryption|key(format|location)|pbkdf2iters)$/;

/** What a dataset that takes the place of another is made with, of what was set on that. */
export function successorProperties(
  own: Readonly<Record<string, string>>,
  { apart }: Pick<SetAsideOptions, 'apart'>,
): Readonly<Record<string, string>> {
  const isOwnKey = (name: string): boolean => apart && name === 'keylocation' && own[name] !== 'prompt';
  const kept = Object.entries(own).filter(
    ([name]) => (!inborn.test(name) || isOwnKey(name)) && name !== conflictProperty,
  );
  return { ...Object.fromEntries(kept), canmount: 'noauto' };
}

/**
 * What comes as a raw stream in full is an encryption root, also below another. One that had the home's key has to be told where
 * that is: by itself it would ask for it.
 */
function keyOf({ apart, properties, localHome }: SetAsideOptions): Readonly<Record<string, string>> {
  const { keylocation = 'prompt' } = properties.get(localHome) ?? {};
  return apart && keylocation !== 'prompt' ? { keylocation } : {};
}

/** The new home names what was set aside for it, so that later logins can tell of it without looking for it. */
function noteOf(
  own: Readonly<Record<string, string>>,
  options: SetAsideOptions,
): Readonly<Record<string, string>> {
  return { [setAsideProperty]: noted(own[setAsideProperty], options) };
}

/** A property's value with the name of this conflict too. */
function noted(value: string | undefined, { conflictsRoot, conflict }: SetAsideOptions): string {
  const names = [...namesOf(value), conflict.slice(conflictsRoot.length + 1)];
  // A user property holds 8191 bytes.
  return namesValue([...new Set(names)].slice(-maxNames));
}

/** As `namesOf` reads it. */
export function namesValue(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(',');
}

/** The names in the property's value; undefined: it is not set. */
export function namesOf(value: string | undefined): readonly string[] {
  return (value ?? '-').split(',').filter((name) => name !== '' && name !== '-' && name !== 'none');
}

function swap(
  parts: readonly (Prepared & { readonly path: string })[],
  local: HomeState,
  options: SetAsideOptions,
): readonly Step[] {
  const { localHome, conflict, nextHome, user } = options;
  const there = new Set(parts.filter(({ kind }) => kind !== 'left-out').map(({ path }) => path));
  const clones = parts
    .filter((part) => part.kind === 'there' && part.hangs)
    .map(({ path }) => childOf(localHome, path));
  return [
    { kind: 'mark', dataset: localHome, properties: { [conflictProperty]: user } },
    { kind: 'rename', from: localHome, to: conflict },
    { kind: 'rename', from: nextHome, to: localHome },
    ...moveBack(
      local.excluded.map(({ name }) => name.slice(localHome.length + 1)),
      there,
      conflict,
      localHome,
    ),
    ...promotions(clones),
  ];
}

/** Datasets that take no part in sync stay in the home, where there is one to be in. */
export function moveBack(
  paths: readonly string[],
  present: ReadonlySet<string>,
  conflict: DatasetName,
  localHome: DatasetName,
): readonly Step[] {
  const isBelow = (path: string): boolean => paths.some((other) => path.startsWith(`${other}/`));
  const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
  return paths
    .filter((path) => !isBelow(path) && present.has(parentOf(path)) && !present.has(path))
    .map((path) => ({ kind: 'move-back', from: childOf(conflict, path), to: childOf(localHome, path) }));
}

/** The home last: while it has an origin among the conflicts, this is not done. */
export function promotions(datasets: readonly DatasetName[]): readonly Step[] {
  return [...datasets].sort((a, b) => b.length - a.length).map((dataset) => ({ kind: 'promote', dataset }));
}

function unusedName({ conflictsRoot, conflict }: SetAsideOptions): DatasetName {
  return childOf(conflictsRoot, `${conflict.slice(conflictsRoot.length + 1)}-unused`);
}
