import { ZfsFailure, cannotOpen, notOfThisType } from './failure.ts';
import { findBookmark, findSnapshot, openDataset, type Machine } from './machine.ts';
import { datasetsAtOrBelow } from './machine.ts';
import { snapshotName, type Dataset } from './model.ts';
import type { Target } from './columns.ts';

/** What kinds of things a list is about. */
export type Kinds = ReadonlySet<Target['kind']>;

/** Reads `-t`. */
export function parseKinds(text: string): Kinds {
  const kinds = new Set<Target['kind']>();
  for (const word of text.split(',')) {
    if (word === 'all')
      for (const kind of ['filesystem', 'volume', 'snapshot', 'bookmark'] as const) kinds.add(kind);
    else if (word === 'filesystem' || word === 'fs') kinds.add('filesystem');
    else if (word === 'snapshot' || word === 'snap') kinds.add('snapshot');
    else if (word === 'bookmark') kinds.add('bookmark');
    else if (word === 'volume' || word === 'vol') kinds.add('volume');
    else throw new ZfsFailure(`invalid type '${word}'`, 2);
  }
  return kinds;
}

/** How far below each name to look: 0 is the name itself. A snapshot is one below its dataset. */
export interface Reach {
  readonly kinds: Kinds;
  /** What a name itself may be besides. */
  readonly named?: Kinds;
  readonly depth: number;
}

/** What names and a reach stand for, in zfs's default order. Throws for a name that is not there. */
export function targetsOf(machine: Machine, names: readonly string[], reach: Reach): readonly Target[] {
  const found = new Map<string, Target>();
  const roots = names.length === 0 ? [...machine.pools.keys()] : names;
  const wide = names.length === 0 ? { ...reach, depth: Infinity } : reach;
  for (const name of roots) {
    for (const target of oneName(machine, name, wide)) found.set(target.name, target);
  }
  return [...found.values()].sort(compareTargets);
}

function oneName(machine: Machine, name: string, { kinds, named, depth }: Reach): readonly Target[] {
  if (name.includes('@') || name.includes('#')) return [versionNamed(machine, name, named ?? kinds)];
  const root = openDataset(machine, name);
  if (depth === 0) {
    if (!kinds.has(kindOf(root))) throw notOfThisType(name);
    return [{ kind: kindOf(root), name, dataset: root }];
  }
  const level = (dataset: Dataset): number => dataset.name.split('/').length - name.split('/').length;
  return datasetsAtOrBelow(machine, name)
    .filter((dataset) => level(dataset) <= depth)
    .flatMap((dataset) => [
      ...(kinds.has(kindOf(dataset)) ? [{ kind: kindOf(dataset), name: dataset.name, dataset }] : []),
      ...(level(dataset) < depth ? versionsOf(dataset, kinds) : []),
    ]);
}

function kindOf({ volsize }: Dataset): 'filesystem' | 'volume' {
  return volsize === null ? 'filesystem' : 'volume';
}

function versionNamed(machine: Machine, name: string, kinds: Kinds): Target {
  const [above = ''] = name.split(/[@#]/);
  const kind = name.includes('@') ? 'snapshot' : 'bookmark';
  if (!kinds.has(kind)) throw notOfThisType(name);
  const dataset = machine.datasets.get(above);
  if (dataset === undefined) throw cannotOpen(name);
  const snapshot = findSnapshot(machine, name);
  if (snapshot !== undefined) return { kind: 'snapshot', name, dataset, snapshot };
  const bookmark = findBookmark(machine, name);
  if (bookmark === undefined) throw cannotOpen(name);
  return { kind: 'bookmark', name, dataset, bookmark };
}

function versionsOf(dataset: Dataset, kinds: Kinds): readonly Target[] {
  const snapshots = kinds.has('snapshot') ? dataset.snapshots : [];
  const bookmarks = kinds.has('bookmark') ? dataset.bookmarks : [];
  return [
    ...snapshots.map((snapshot) => ({
      kind: 'snapshot' as const,
      name: snapshotName(snapshot),
      dataset,
      snapshot,
    })),
    ...bookmarks.map((bookmark) => ({
      kind: 'bookmark' as const,
      name: `${dataset.name}#${bookmark.short}`,
      dataset,
      bookmark,
    })),
  ];
}

/** Datasets by name, the snapshots of one by createtxg behind it (cmd/zfs/zfs_iter.c). */
export function compareTargets(a: Target, b: Target): number {
  const left = a.kind === 'snapshot' ? a.dataset.name : a.name;
  const right = b.kind === 'snapshot' ? b.dataset.name : b.name;
  if (left !== right) return left < right ? -1 : 1;
  if (a.kind !== 'snapshot') return b.kind === 'snapshot' ? -1 : 0;
  if (b.kind !== 'snapshot') return 1;
  const order = a.snapshot.createtxg - b.snapshot.createtxg;
  return order < 0n ? -1 : order > 0n ? 1 : a.name < b.name ? -1 : 1;
}
