import { findDoubled, type Doubled } from '../zfs/doubled.ts';
import type { SnapshotName } from '../zfs/names.ts';
import type { Dataset, Snapshot, Version } from '../zfs/version.ts';
import { newestCommon } from './common.ts';
import { headOf, isUnfinished, type DatasetPair, type DatasetState } from './home-state.ts';

/** How one dataset stands on the two sides, decided by guid alone. */
export type Relation =
  | { readonly kind: 'equal' }
  /** The server has changes that this Mac lacks: receive them on top of `onto`. */
  | { readonly kind: 'behind'; readonly from: Version; readonly onto: Snapshot; readonly to: Snapshot }
  /** This Mac has changes that the server lacks: send them on top of `onto`. */
  | { readonly kind: 'ahead'; readonly from: Version; readonly onto: Snapshot; readonly to: Snapshot }
  /**
   * As ahead and as behind, but as raw streams, which zfs takes on the receiver's newest snapshot alone; `by` were made
   * there since, by whoever, and hold no changes.
   */
  | {
      readonly kind: 'ahead-blocked' | 'behind-blocked';
      readonly common: Version;
      readonly by: readonly Snapshot[];
    }
  | { readonly kind: 'missing-local'; readonly to: Snapshot }
  | { readonly kind: 'missing-server'; readonly first: Snapshot; readonly to: Snapshot }
  | {
      readonly kind: 'diverged';
      readonly common: Version;
      readonly local: readonly Snapshot[];
      readonly server: readonly Snapshot[];
    }
  | { readonly kind: 'no-common' }
  /** A guid does not tell which version is meant: a side has two snapshots of one guid, or the sides have them in another order. */
  | { readonly kind: 'doubled'; readonly side: 'local' | 'server'; readonly doubled: Doubled }
  /** There is no version of the dataset on either side yet. */
  | { readonly kind: 'nothing' };

const byCreatetxg = (a: Version, b: Version): number => (a.createtxg < b.createtxg ? -1 : 1);

/** Snapshots and bookmarks, oldest first; of two with one guid the snapshot last, for it can do more. */
function versionsOf(dataset: Dataset): readonly Version[] {
  return [...dataset.bookmarks, ...dataset.snapshots].sort((a, b) =>
    a.createtxg === b.createtxg ? (a.kind === 'bookmark' ? -1 : 1) : byCreatetxg(a, b),
  );
}

function after(dataset: Dataset, base: Version): readonly Snapshot[] {
  return dataset.snapshots.filter(({ createtxg }) => createtxg > base.createtxg);
}

/** The snapshots after `base` that hold changes: one without is no divergence, whoever made it. */
function changesAfter(dataset: Dataset, base: Version): readonly Snapshot[] {
  return after(dataset, base).filter(({ written }) => written > 0n);
}

/**
 * The relation of a pair. `local.change` must not be 'files': whoever asks has made a snapshot before. A side
 * whose only content is an interrupted full receive counts as missing. `raw`: the home is sent as it is encrypted. Then a
 * snapshot without changes counts too: both sides have to have it, or what follows it cannot be received.
 */
export function relate(
  { local, server }: DatasetPair,
  { raw = false }: { readonly raw?: boolean } = {},
): Relation {
  const here = local === null || isUnfinished(local) ? null : local;
  const there = server === null || isUnfinished(server) ? null : server;
  for (const [side, snapshots] of [
    ['local', here?.snapshots ?? []],
    ['server', there?.snapshots ?? []],
  ] as const) {
    const doubled = findDoubled(snapshots);
    if (doubled !== null) return { kind: 'doubled', side, doubled };
  }
  if (here === null && there === null) return { kind: 'nothing' };
  if (here === null) return missingLocal(there);
  if (there === null) return missingServer(here);
  return relateBoth(here, there, raw);
}

function missingLocal(server: DatasetState | null): Relation {
  const head = server === null ? null : headOf(server);
  return head === null ? { kind: 'nothing' } : { kind: 'missing-local', to: head };
}

function missingServer(local: DatasetState): Relation {
  const [first, head] = [local.snapshots[0], headOf(local)];
  if (first === undefined || head === null) return { kind: 'nothing' };
  return { kind: 'missing-server', first, to: head };
}

function relateBoth(local: DatasetState, server: DatasetState, raw: boolean): Relation {
  const [here, there] = [versionsOf(local), versionsOf(server)];
  const common = newestCommon(there, here)?.onto;
  const commonThere = newestCommon(here, there)?.onto;
  if (common === undefined || commonThere === undefined) return { kind: 'no-common' };
  const doubled = foundInAnotherOrder(there, common, commonThere);
  if (doubled !== null) return { kind: 'doubled', side: 'server', doubled };

  const blocked = raw ? relateRaw(local, common, server, commonThere) : null;
  if (blocked !== null) return blocked;
  const mine = (raw ? after : changesAfter)(local, common);
  const theirs = (raw ? after : changesAfter)(server, commonThere);
  const [myHead, theirHead] = [mine.at(-1), theirs.at(-1)];
  if (myHead !== undefined && theirHead !== undefined) {
    return { kind: 'diverged', common, local: mine, server: theirs };
  }

  // A receive needs its base as a real snapshot on the receiving side; a bookmark serves on the sending side only.
  if (theirHead !== undefined) {
    const base = newestCommon(there, local.snapshots);
    if (base === null) return { kind: 'no-common' };
    const { from, onto } = base;
    const between = (raw ? after : changesAfter)(local, onto);
    if (between.length > 0) return { kind: 'diverged', common: onto, local: between, server: theirs };
    return { kind: 'behind', from, onto, to: theirHead };
  }
  const to = myHead;
  if (to === undefined) return { kind: 'equal' };
  const base = newestCommon(here, server.snapshots);
  if (base === null) return { kind: 'no-common' };
  const { from, onto } = base;
  const between = (raw ? after : changesAfter)(server, onto);
  if (between.length > 0) return { kind: 'diverged', common: from, local: mine, server: between };
  return { kind: 'ahead', from, onto, to };
}

/**
 * Both sides have what they share in one order, as one line grew. Where the server's newest of it is another one than this Mac's,
 * a later snapshot there has the guid of an older one, which may be gone there by now.
 */
function foundInAnotherOrder(
  there: readonly Version[],
  common: Version,
  commonThere: Version,
): Doubled | null {
  if (common.guid === commonThere.guid || commonThere.kind === 'bookmark') return null;
  const first = there.find(({ guid }) => guid === common.guid);
  return {
    guid: commonThere.guid,
    first: (first?.name ?? commonThere.name) as SnapshotName,
    later: commonThere.name,
  };
}

/** What is so of raw streams alone; null: the line of one side at most has gone on, or both with changes. */
function relateRaw(local: Dataset, common: Version, server: Dataset, commonThere: Version): Relation | null {
  const [mine, theirs] = [after(local, common), after(server, commonThere)];
  if (mine.length === 0 || theirs.length === 0) return null;
  const changes = (snapshots: readonly Snapshot[]): boolean => snapshots.some(({ written }) => written > 0n);
  if (changes(mine) && changes(theirs)) return null;
  if (changes(mine)) return { kind: 'ahead-blocked', common, by: theirs };
  if (changes(theirs)) return { kind: 'behind-blocked', common, by: mine };
  return { kind: 'equal' };
}
