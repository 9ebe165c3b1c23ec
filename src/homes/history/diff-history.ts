import { entryAt } from '../files/entry.ts';
import { withHomeTree } from '../files/home-tree.ts';
import { withLock } from '../lock/with-lock.ts';
import { RoamhomeError } from '../../errors/errors.ts';
import type { DatasetState } from '../../sync/home-state.ts';
import type { Session } from '../session.ts';
import type { DiffEntry, FileType } from '../../zfs/commands/diff.ts';
import type { Guid } from '../../zfs/names.ts';
import type { PastHome } from './choose-snapshots.ts';
import type { KnownSnapshot } from './home-history.ts';
import type { Homes } from './with-views.ts';
import { withViews } from './with-views.ts';

/** What became of one path between two moments. Sizes of files in bytes; null: no file, or none at that moment. */
export interface PathChange {
  readonly change: 'added' | 'removed' | 'modified' | 'renamed';
  readonly type: FileType;
  /** Below the home; null: its name is no UTF-8. */
  readonly path: string | null;
  /** What it was renamed to; null: it was not. */
  readonly to: string | null;
  readonly before: number | null;
  readonly after: number | null;
}

export interface HistoryDiff {
  /** Sorted by path. */
  readonly changes: readonly PathChange[];
  /** Paths of datasets that have a snapshot at one of the moments only: what is in them was not compared. */
  readonly notCompared: readonly string[];
}

/** What changed between two moments of a home on this Mac, as `zfs diff` finds it. `until` null: up to now. Throws `usage`. */
export async function diffHistory(
  session: Session,
  {
    since,
    until,
    homes,
  }: { readonly since: PastHome; readonly until: PastHome | null; readonly homes: Homes },
): Promise<HistoryDiff> {
  const datasets = homes.localHome?.datasets ?? [];
  const pairs = datasets.flatMap((dataset) => {
    const [from, to] = [since.get(dataset.path), until?.get(dataset.path)];
    if (from === undefined || (until !== null && to === undefined)) return [];
    return [{ dataset, from, to: to ?? null }];
  });
  const compared = new Set(pairs.map(({ dataset }) => dataset.path));
  const notCompared = datasets.map(({ path }) => path).filter((path) => !compared.has(path));
  for (const { from, to } of pairs) if (to !== null && to.creation < from.creation) throw backwards(from, to);
  // One snapshot that two moments share is looked at once.
  const views = new Map<Guid, { path: string; snapshot: KnownSnapshot }>();
  for (const { dataset, from, to } of pairs)
    for (const snapshot of to === null ? [from] : [from, to])
      views.set(snapshot.guid, { path: dataset.path, snapshot });
  const changes = await withLock(session, 'diff', () =>
    withHomeTree(session, 'read', (home) =>
      withViews(session, [...views.values()], homes, async (mounts) => {
        const found: PathChange[] = [];
        for (const { dataset, from, to } of pairs) {
          const live = home.mounts.get(dataset.path);
          if (live === undefined || from.guid === to?.guid) continue;
          const places = {
            live,
            before: mounts.get(from.guid),
            after: to === null ? live : mounts.get(to.guid),
          };
          found.push(...(await diffDataset(session, { dataset, from, to }, places)));
        }
        return found;
      }),
    ),
  );
  return { changes: [...changes].sort((a, b) => compareText(a.path ?? '', b.path ?? '')), notCompared };
}

interface Places {
  /** Where the dataset is mounted: zfs tells paths from there. */
  readonly live: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

async function diffDataset(
  { local, signal }: Session,
  { dataset, from, to }: { dataset: DatasetState; from: KnownSnapshot; to: KnownSnapshot | null },
  { live, before, after }: Places,
): Promise<readonly PathChange[]> {
  const since = from.here?.name;
  const until = to === null ? dataset.name : to.here?.name;
  if (since === undefined || until === undefined) throw new Error('a snapshot that is not on this Mac');
  const below = (path: string): string => (path === live ? '' : path.slice(live.length + 1));
  const inHome = (path: string): string =>
    [dataset.path, below(path)].filter((part) => part !== '').join('/');
  const changes: PathChange[] = [];
  for await (const entry of local.diff(until, since, { signal })) {
    const { path, type } = entry;
    const to = entry.change === 'renamed' ? entry.to : null;
    const change = changeOf(entry);
    const isFile = type === 'file';
    changes.push({
      change,
      type,
      path: path === null ? null : inHome(path),
      to: to === null ? null : inHome(to),
      before: isFile && change !== 'added' ? await sizeAt(before, path, below) : null,
      after: isFile && change !== 'removed' ? await sizeAt(after, to ?? path, below) : null,
    });
  }
  return changes;
}

function changeOf({ change }: DiffEntry): PathChange['change'] {
  return change === 'links' ? 'modified' : change;
}

async function sizeAt(
  mount: string | undefined,
  path: string | null,
  below: (path: string) => string,
): Promise<number | null> {
  if (mount === undefined || path === null) return null;
  const entry = await entryAt(Buffer.from(`${mount}/${below(path)}`));
  return entry?.kind === 'file' ? entry.bytes : null;
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function backwards(from: KnownSnapshot, to: KnownSnapshot): RoamhomeError {
  return new RoamhomeError({
    code: 'usage',
    message: `${from.short} is newer than ${to.short}`,
    remedy: 'Name the older one first.',
  });
}
