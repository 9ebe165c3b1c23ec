import { childOf, type DatasetName } from '../../zfs/names.ts';
import type { SendFlags } from '../../zfs/commands/stream.ts';
import type { LocalProperties } from '../../zfs/read-properties.ts';
import { bring } from '../../sync/bring.ts';
import { newestCommon } from '../../sync/common.ts';
import { putOffBelowDiscarded } from '../../sync/discarded.ts';
import { isUnfinished, type DatasetPair, type DatasetState, type HomeState } from '../../sync/home-state.ts';
import { conflictProperty, setAsideProperty, unsentProperty } from '../../sync/properties.ts';
import { carrierOf, isSayable, isSayablePath } from '../../sync/sayable.ts';
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
  const { flags, setbacks = noSetbacks } = options;
  // What no command can say stays on the server; the planner has put a snapshot on top of it (`cover`).
  const isHere = local !== null && !isUnfinished(local);
  const canCome = server !== null && isSayablePath(pair.path) && carrierOf(server, { raw: flags === 'w' });
  if (!isHere || canCome === false || canCome === null) return { kind: 'left-out', steps: [] };
  const own = options.properties.get(local.name) ?? {};
  const bases = {
    sibling: options.apart ? [] : local.snapshots,
    versions: [...server.bookmarks, ...server.snapshots].filter(isSayable),
  };
  const brought = bring({
    direction: 'pull',
    source: server,
    target: { name: childOf(options.nextHome, pair.path), state: there },
    wanted: 'newest',
    bases,
    policy: {
      flags,
      refused: setbacks.refused,
      onForeign: 'discard',
      inFull: 'newest',
      oneByOne: options.pullOneByOne,
      properties: {
        ...keyOf(options),
        ...successorProperties(own, options),
        ...(pair.path === '' ? noteOf(own, options) : {}),
      },
    },
  });
  if (brought.kind === 'resume' || brought.kind === 'discard')
    return { kind: 'unfinished', steps: brought.steps };
  const origin = there?.properties['origin'] ?? '-';
  // Of another state of the home.
  if (origin !== '-' && origin !== newestCommon(bases.versions, bases.sibling)?.onto.name)
    return { kind: 'unusable', steps: [] };
  if (brought.kind === 'there') return { kind: 'there', hangs: origin !== '-', steps: [] };
  if (brought.kind !== 'steps') return { kind: 'unusable', steps: [] };
  const hangs = there === null ? brought.clonedFrom !== null : origin !== '-';
  return { kind: 'there', hangs, steps: brought.steps };
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
