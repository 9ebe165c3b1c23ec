import { carry } from '../../sync/carry.ts';
import { putOffBelowDiscarded } from '../../sync/discarded.ts';
import { headOf, isUnfinished, type DatasetState, type HomeState } from '../../sync/home-state.ts';
import { conflictProperty, fetchingProperty } from '../../sync/properties.ts';
import { judgePartial } from '../../sync/partial.ts';
import { relate } from '../../sync/relation.ts';
import { resumeOrDiscard } from '../../sync/resume-step.ts';
import type { Step } from '../../sync/step.ts';
import { childOf, type DatasetName, type ResumeToken } from '../../zfs/names.ts';
import type { Snapshot } from '../../zfs/version.ts';

export interface FetchView {
  /** The branch on the server. */
  readonly branch: HomeState;
  /** What of it is on this Mac. */
  readonly here: HomeState | null;
  readonly serverHome: HomeState | null;
  readonly localHome: HomeState | null;
  /** What the place for conflicts is made with, so that files show there as they do in the home. */
  readonly showing: Readonly<Record<string, string>>;
  /** Tokens that zfs would not go on with in this run. Default: none. */
  readonly refused?: ReadonlySet<ResumeToken>;
}

export interface FetchPlan {
  readonly steps: readonly Step[];
  /** Something else lies where the branch would come to; then there are no steps. */
  readonly taken: DatasetName | null;
}

/**
 * What brings a branch from the server to this Mac: as a clone of the snapshot that it began with, where this Mac has
 * that too, else in full. Nothing is mounted by it. To be planned again until there are no steps. Pure.
 */
export function planFetch(
  view: FetchView,
  options: { readonly user: string; readonly conflictsRoot: DatasetName; readonly target: DatasetName },
): FetchPlan {
  const here = new Map((view.here?.datasets ?? []).map((dataset) => [dataset.path, dataset]));
  const steps: Step[] =
    view.here === null
      ? [{ kind: 'create-container', dataset: options.conflictsRoot, properties: view.showing }]
      : [];
  let isThere = true;
  for (const dataset of view.branch.datasets) {
    if (isUnfinished(dataset) || headOf(dataset) === null) continue;
    const there = here.get(dataset.path) ?? null;
    const target = childOf(options.target, dataset.path);
    const part = fetchOne(dataset, there, { ...view, ...options, target });
    if (part === null) return { steps: [], taken: target };
    isThere &&= part.length === 0;
    steps.push(...part);
  }
  return { steps: isThere ? finish(here.get(''), options.target) : putOffBelowDiscarded(steps), taken: null };
}

/** It is whole now. */
function finish(root: DatasetState | undefined, target: DatasetName): readonly Step[] {
  if (root?.properties[fetchingProperty] !== 'on') return [];
  return [{ kind: 'mark', dataset: target, properties: { [fetchingProperty]: 'off' } }];
}

interface Where extends FetchView {
  readonly user: string;
  readonly target: DatasetName;
}

/** null: another line of history lies there. */
function fetchOne(dataset: DatasetState, there: DatasetState | null, where: Where): readonly Step[] | null {
  const { target } = where;
  if (there === null) return fetchAll(dataset, where);
  const rules = { flags: null, refused: where.refused ?? new Set() };
  const verdict = judgePartial(there, { targets: dataset.snapshots }, rules);
  if (verdict.kind !== 'none') return [resumeOrDiscard('pull', target, verdict)];
  const relation = relate({ path: dataset.path, local: there, server: dataset });
  if (relation.kind === 'equal') return [];
  if (relation.kind !== 'behind') return null;
  const receiver = { name: target, snapshots: there.snapshots };
  return pulls(carry(dataset, relation.from, relation.to, receiver, { oneByOne: true }));
}

function fetchAll(dataset: DatasetState, where: Where): readonly Step[] {
  const { target } = where;
  const [first, head] = [dataset.snapshots[0], headOf(dataset)];
  if (first === undefined || head === null) return [];
  const base = baseOf(dataset, where);
  const own = { canmount: 'noauto', mountpoint: 'none' };
  const properties = {
    ...(base === null ? {} : { origin: base.here.name }),
    ...own,
    ...(dataset.path === '' ? { [conflictProperty]: where.user, [fetchingProperty]: 'on' } : {}),
  };
  const range = { from: base?.onServer ?? null, to: first, intermediates: false };
  // A stream for each snapshot: several in one need a hold, which not every server grants.
  const rest = carry(dataset, first, head, { name: target, snapshots: [first] }, { oneByOne: true });
  return [{ kind: 'send', direction: 'pull', range, target, properties }, ...pulls(rest)];
}

/** The snapshot that the branch is a clone of, on both sides; null: this Mac does not have it. */
function baseOf(
  { path, properties }: DatasetState,
  { serverHome, localHome }: Where,
): { readonly here: Snapshot; readonly onServer: Snapshot } | null {
  const of = (home: HomeState | null): readonly Snapshot[] =>
    home?.datasets.find((one) => one.path === path)?.snapshots ?? [];
  const onServer = of(serverHome).find(({ name }) => name === properties['origin']);
  const here = of(localHome).find(({ guid }) => guid === onServer?.guid);
  return onServer === undefined || here === undefined ? null : { here, onServer };
}

function pulls(carries: ReturnType<typeof carry>): readonly Step[] {
  return carries.map((one) => ({ kind: 'send', direction: 'pull', ...one }));
}
