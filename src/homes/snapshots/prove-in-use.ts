import type { SyncZfs } from '../../zfs/sync-zfs.ts';
import { provableBytes } from './examine.ts';
import { filesDiffer, type DifferOptions } from './files-differ.ts';
import type { DatasetState, HomeState } from '../../sync/home-state.ts';

/**
 * A home in use that was observed with `assume-files`, with the proof that no file changed where one can be had with
 * all left as it is mounted. What is written while it is looked at may be missed: `zfs diff` is against the head, so
 * the next look finds it.
 */
export async function proveInUse(zfs: SyncZfs, home: HomeState, options: DifferOptions): Promise<HomeState> {
  const isProvable = ({ mounted, written }: DatasetState): boolean => mounted && written <= provableBytes;
  const wrote = home.datasets.filter(({ change }) => change === 'files');
  // One snapshot takes all datasets: a single one that needs it settles the matter.
  if (wrote.some((dataset) => !isProvable(dataset))) return home;
  const unchanged = new Set<DatasetState>();
  for (const dataset of wrote) {
    const head = dataset.snapshots.at(-1);
    if (head === undefined || (await filesDiffer(zfs, dataset, head.name, options))) return home;
    unchanged.add(dataset);
  }
  const proved = (dataset: DatasetState): DatasetState =>
    unchanged.has(dataset) ? { ...dataset, change: 'written-only' } : dataset;
  return { ...home, datasets: home.datasets.map(proved) };
}
