import { bring } from '../../sync/bring.ts';
import { putOffBelowDiscarded } from '../../sync/discarded.ts';
import { headOf, isUnfinished, type DatasetState, type HomeState } from '../../sync/home-state.ts';
import { conflictProperty, fetchingProperty } from '../../sync/properties.ts';
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
  const { user, target, serverHome, localHome } = where;
  const of = (home: HomeState | null): readonly Snapshot[] =>
    home?.datasets.find(({ path }) => path === dataset.path)?.snapshots ?? [];
  const mark = dataset.path === '' ? { [conflictProperty]: user, [fetchingProperty]: 'on' } : {};
  const brought = bring({
    direction: 'pull',
    source: dataset,
    target: { name: target, state: there },
    wanted: 'newest',
    // The snapshot that the branch is a clone of.
    bases: {
      sibling: of(localHome),
      versions: of(serverHome).filter(({ name }) => name === dataset.properties['origin']),
    },
    policy: {
      flags: null,
      refused: where.refused ?? new Set(),
      onForeign: 'discard',
      inFull: 'all',
      // Several in one stream need a hold, which not every server grants.
      oneByOne: true,
      properties: { canmount: 'noauto', mountpoint: 'none', ...mark },
    },
  });
  switch (brought.kind) {
    case 'steps':
    case 'resume':
    case 'discard':
      return brought.steps;
    case 'there':
    case 'nothing':
      return [];
    case 'beyond':
    case 'foreign':
    case 'other-line':
      return null;
  }
}
