import { bring } from '../../sync/bring.ts';
import type { DatasetState, HomeState } from '../../sync/home-state.ts';
import type { Step } from '../../sync/step.ts';
import { childOf, parseDatasetName, type DatasetName, type ResumeToken } from '../../zfs/names.ts';
import type { Version } from '../../zfs/version.ts';
import type { KnownSnapshot } from './home-history.ts';

/** A snapshot that is to be looked at, and the path of its dataset below the home. */
export interface WantedView {
  readonly path: string;
  readonly snapshot: KnownSnapshot;
}

/** Where the views of a user are on this Mac. No conflict is called `restore`: their names have dashes. */
export function viewsOf(conflictsRoot: string, user: string): DatasetName {
  return childOf(parseDatasetName(conflictsRoot), `restore/${user}`);
}

/** The dataset that shows one snapshot. */
export function viewOf(views: DatasetName, { snapshot }: WantedView): DatasetName {
  return childOf(views, snapshot.guid);
}

export interface ViewsSituation {
  readonly views: DatasetName;
  /** What is there already: of a run that was cut, or that was killed. */
  readonly there: HomeState | null;
  readonly localHome: HomeState | null;
  readonly serverHome: HomeState | null;
  /** Tokens that zfs would not go on with in this run. Default: none. */
  readonly refused?: ReadonlySet<ResumeToken>;
}

export interface ViewProperties {
  /** What the place for views is made with, so that files show there as they do in the home. */
  readonly showing: Readonly<Record<string, string>>;
  /** Of a view that comes as an encrypted stream in full: where its key is. */
  readonly raw: Readonly<Record<string, string>>;
}

/**
 * What makes the views that are not there yet: a clone where this Mac has the snapshot; else it comes from the server,
 * as what changed since the newest older snapshot that this Mac has too, or in full. To be planned again until there
 * are no steps. Pure.
 */
export function planViews(
  wanted: readonly WantedView[],
  situation: ViewsSituation,
  properties: ViewProperties,
): readonly Step[] {
  const { views, there } = situation;
  const steps = wanted.flatMap((view) => planView(view, situation, properties));
  if (there !== null || steps.length === 0) return steps;
  const container = (dataset: DatasetName): Step => ({
    kind: 'create-container',
    dataset,
    properties: properties.showing,
  });
  const parent = (dataset: DatasetName): DatasetName => parseDatasetName(dataset.replace(/\/[^/]*$/, ''));
  // One by one: what -p makes on the way has not these properties.
  return [parent(parent(views)), parent(views), views].map(container).concat(steps);
}

function planView(view: WantedView, situation: ViewsSituation, { raw }: ViewProperties): readonly Step[] {
  const { views, there, serverHome, localHome } = situation;
  const { path, snapshot } = view;
  const target = viewOf(views, view);
  const dataset = there?.datasets.find(({ name }) => name === target);
  if (dataset !== undefined && isWhole(dataset)) return [];
  const wanted = snapshot.here ?? snapshot.onServer;
  if (wanted === null) throw new Error(`${snapshot.short} is nowhere`);
  const of = (home: HomeState | null): DatasetState | null =>
    home?.datasets.find((one) => one.path === path) ?? null;
  const source = of(serverHome);
  // Thinning leaves a bookmark of what it destroys, and that will do on the sending side.
  const onServer = [...(source?.bookmarks ?? []), ...(source?.snapshots ?? [])];
  const isOlder = ({ createtxg }: Version): boolean => createtxg < wanted.createtxg;
  const brought = bring({
    direction: 'pull',
    source,
    target: { name: target, state: (dataset?.partial ?? null) === null ? null : (dataset ?? null) },
    wanted,
    bases:
      snapshot.here === null
        ? { sibling: of(localHome)?.snapshots ?? [], versions: onServer.filter(isOlder) }
        : { sibling: [snapshot.here], versions: [snapshot.here] },
    policy: {
      flags: null,
      refused: situation.refused ?? new Set(),
      onForeign: 'discard',
      inFull: 'newest',
      oneByOne: true,
      properties: { canmount: 'noauto', mountpoint: 'none' },
      full: raw,
    },
  });
  if (!('steps' in brought)) throw new Error(`${target}: ${brought.kind}`);
  return brought.steps;
}

/** True for a dataset that shows a snapshot already: a clone, or what was received. Pure. */
export function isWhole({ snapshots, resumeToken, properties }: DatasetState): boolean {
  return resumeToken === null && (snapshots.length > 0 || (properties['origin'] ?? '-') !== '-');
}
