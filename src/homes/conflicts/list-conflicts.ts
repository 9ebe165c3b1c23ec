import { conflictUser } from '../diverged/conflict-user.ts';
import { conflictProperty } from '../../sync/properties.ts';
import type { DatasetName } from '../../zfs/names.ts';
import type { SyncZfs } from '../../zfs/sync-zfs.ts';
import type { Dataset } from '../../zfs/version.ts';

/** A line of history that left the server's, on this Mac, on the server or on both. */
export interface ListedConflict {
  /** Without the roots: `alice-mac7-20261120T064500Z`. */
  readonly name: string;
  readonly user: string;
  readonly onMac: DatasetName | null;
  readonly onServer: DatasetName | null;
  /** Seconds since the epoch, by the clock of the Mac that made them: its first and its newest snapshot. null: its first transfer was interrupted. */
  readonly since: number | null;
  readonly newest: number | null;
}

export interface ListConflictsOptions {
  /** null: this is the server. */
  readonly local: SyncZfs | null;
  readonly localRoot: DatasetName;
  /** null: do not ask the server. */
  readonly server: SyncZfs | null;
  readonly serverRoot: DatasetName;
  /** null: everybody's. */
  readonly user: string | null;
  readonly signal: AbortSignal;
}

/** The conflicts of both sides, the oldest first. Rejects when a side cannot be read. */
export async function listConflicts(options: ListConflictsOptions): Promise<readonly ListedConflict[]> {
  const { local, server, localRoot, serverRoot, user, signal } = options;
  const list = async (zfs: SyncZfs, root: DatasetName): Promise<readonly Dataset[]> =>
    (await zfs.listTree(root, [conflictProperty], { signal })) ?? [];
  const [here, there] = await Promise.all([
    local === null ? [] : list(local, localRoot),
    server === null ? [] : list(server, serverRoot),
  ]);
  return joinConflicts({ datasets: here, root: localRoot }, { datasets: there, root: serverRoot }, user);
}

interface Side {
  readonly datasets: readonly Dataset[];
  readonly root: DatasetName;
}

/** Pure. */
export function joinConflicts(here: Side, there: Side, user: string | null): readonly ListedConflict[] {
  const found = new Map<string, ListedConflict>();
  for (const [side, key] of [
    [here, 'onMac'],
    [there, 'onServer'],
  ] as const) {
    for (const dataset of side.datasets) {
      const name = dataset.name.slice(side.root.length + 1);
      const owner = conflictUser(dataset);
      if (name === '' || name.includes('/') || owner === null) continue;
      if (user !== null && owner !== user) continue;
      const known = found.get(name);
      found.set(name, {
        name,
        user: owner,
        onMac: known?.onMac ?? null,
        onServer: known?.onServer ?? null,
        since: bestOf(Math.min, known?.since, dataset.snapshots[0]?.creation),
        newest: bestOf(Math.max, known?.newest, dataset.snapshots.at(-1)?.creation),
        [key]: dataset.name,
      });
    }
  }
  // One without a snapshot has no time: it is the newest there is.
  const since = (one: ListedConflict): number => one.since ?? Number.MAX_SAFE_INTEGER;
  return [...found.values()].sort((a, b) => since(a) - since(b) || (a.name < b.name ? -1 : 1));
}

function bestOf(
  choose: (...all: number[]) => number,
  ...given: readonly (number | null | undefined)[]
): number | null {
  const known = given.filter((one) => typeof one === 'number');
  return known.length === 0 ? null : choose(...known);
}
