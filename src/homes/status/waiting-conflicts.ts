import { parseConflictName } from '../diverged/conflict-names.ts';
import { conflictUser } from '../diverged/conflict-user.ts';
import { likenessOf, type Contents } from '../../sync/likeness.ts';
import { mergedInto } from '../../sync/merged.ts';
import type { DatasetName } from '../../zfs/names.ts';
import type { Dataset } from '../../zfs/version.ts';

/** A conflict on the server of which the home's own line has not got everything: a person has to look at it. */
export interface WaitingConflict {
  /** Without the root: `alice-mac7-20261120T064500Z`. */
  readonly name: string;
  /** The Mac on which it was made; null: its name does not say it. */
  readonly macName: string | null;
  /** Milliseconds since the epoch: its newest snapshot. */
  readonly at: number;
  readonly usedBytes: number;
}

/** By their users: the conflicts below a root that `roamhome tend` will not remove as merged, by what it has compared so far. Pure. */
export function waitingConflicts(
  conflicts: readonly Dataset[],
  root: DatasetName,
  homes: ReadonlyMap<string, readonly Dataset[]>,
  contents: Contents = {},
): ReadonlyMap<string, readonly WaitingConflict[]> {
  const found = new Map<string, readonly WaitingConflict[]>();
  const below = new Map<string, Dataset[]>();
  for (const dataset of conflicts) {
    const [name = ''] = dataset.name.slice(root.length + 1).split('/', 1);
    if (name !== '') below.set(name, [...(below.get(name) ?? []), dataset]);
  }
  for (const [name, all] of below) {
    const [top] = all;
    const user = top === undefined ? null : conflictUser(top);
    if (top === undefined || top.name !== `${root}/${name}` || user === null) continue;
    const newest = Math.max(...all.flatMap(({ snapshots }) => snapshots.map(({ creation }) => creation)));
    if (!Number.isFinite(newest) || isMerged(all, top.name, homes.get(user) ?? [], contents)) continue;
    const macName = parseConflictName(name, user)?.macName ?? null;
    const usedBytes = Number(top.properties['used'] ?? 0);
    const one = { name, macName, at: newest * 1000, usedBytes };
    found.set(user, [...(found.get(user) ?? []), one]);
  }
  return found;
}

function isMerged(
  all: readonly Dataset[],
  top: DatasetName,
  home: readonly Dataset[],
  contents: Contents,
): boolean {
  const [root] = home;
  return all.every((dataset) => {
    const path = dataset.name.slice(top.length);
    const own = home.find(({ name }) => name === `${root?.name ?? ''}${path}`);
    const merged = mergedInto(dataset, own);
    return merged.kind === 'twins' && likenessOf(merged.twins, contents) !== 'different';
  });
}
