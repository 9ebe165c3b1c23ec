import { isRoamhomeError, RoamhomeError } from '../../errors/errors.ts';
import { mountReadOnly, unmount } from '../../zfs/commands/change.ts';
import { hasPlace } from '../../zfs/has-place.ts';
import type { DatasetName } from '../../zfs/names.ts';
import type { SyncZfs } from '../../zfs/sync-zfs.ts';
import type { Dataset } from '../../zfs/version.ts';
import type { FileFacts } from '../mount/file-facts.ts';
import { filesDiffer } from './files-differ.ts';
import { headOf, type Change, type DatasetState, type HomeState } from '../../sync/home-state.ts';
import { observeHome, type ObserveOptions } from '../../sync/observe.ts';
import type { MountGuard } from '../mount/mount-guard.ts';
import { mountProven } from '../mount/mount-proven.ts';
import { mountWithKey } from '../../sync/with-key.ts';

export interface ExamineOptions extends Omit<ObserveOptions, 'changes'> {
  readonly before: Before;
  readonly files: FileFacts;
  readonly guard: MountGuard;
  /** Milliseconds; between two tries to unmount. */
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/**
 * `flushed`: it was unmounted cleanly just now. `unmounted`: it may have been cut off by a crash; what programs had
 * fsynced is then in ZFS's intent log, which neither `written` nor a snapshot shows until a mount has replayed it.
 * `in-use`: it could not be unmounted.
 */
export type Before = 'flushed' | 'unmounted' | 'in-use';

/**
 * A mount alone writes some KiB (8 KiB on Linux, seen on 2.3.2), read-only too. What wrote more than this is taken for changed
 * files without proof: at worst a snapshot without changes is made.
 */
export const provableBytes = 512n * 1024n;

/** An indexer or a backup agent opens a file for some seconds: as often as a logout tries, and as long between. */
const unmounting = { tries: 5, pauseMs: 1000 } as const;

/**
 * This Mac's home as it is now, with the proof for each dataset whether files changed since its newest snapshot.
 * `zfs diff` works on mounted datasets only: they are mounted for it, read-only, which changes no file but may write the head of the
 * intent log (`mountedSince`), and unmounted again; those below it where the way to them is proved (mount-proven.ts). What macOS makes by itself counts as no change (trivial-paths.ts).
 * null: there is no such dataset. Throws `dataset-busy` where one of these mounts does not come off: it is left, read-only.
 */
export async function examineHome(
  zfs: SyncZfs,
  root: DatasetName,
  options: ExamineOptions,
): Promise<HomeState | null> {
  const mounts = new ReadOnlyMounts(zfs, root, options);
  const observe = (): Promise<HomeState | null> =>
    observeHome(zfs, root, { ...options, changes: 'assume-files' });
  try {
    const replay = options.before === 'unmounted';
    if (replay) await mounts.add(root);
    if (mounts.rootIsMissing) return null;
    let home = await observe();
    if (home === null) return null;
    mounts.seen(home);
    const [, ...below] = home.datasets;
    if (replay && below.length > 0) {
      for (const { name } of below) await mounts.add(name);
      home = (await observe()) ?? home;
    }
    const datasets: HomeState['datasets'][number][] = [];
    for (const dataset of home.datasets)
      datasets.push({ ...dataset, change: await changeOf(zfs, dataset, mounts, options) });
    return mounts.restore({ ...home, datasets });
  } finally {
    await mounts.remove();
  }
}

async function changeOf(
  zfs: SyncZfs,
  dataset: Dataset,
  mounts: ReadOnlyMounts,
  options: ExamineOptions,
): Promise<Change> {
  const head = headOf(dataset);
  if (head === null) return 'none';
  // In use, against all efforts: what it says of itself is as old as the last transaction group, seconds.
  if (dataset.mounted && !mounts.has(dataset.name)) return 'files';
  if (dataset.written === 0n) return 'none';
  if (dataset.written > provableBytes) return 'files';
  if (!(await mounts.add(dataset.name))) return 'files';
  return (await filesDiffer(zfs, dataset, head.name, options)) ? 'files' : 'written-only';
}

/** The datasets that were mounted to be looked at. */
class ReadOnlyMounts {
  readonly #zfs: SyncZfs;
  readonly #root: DatasetName;
  readonly #options: ExamineOptions;
  readonly #mounted = new Map<DatasetName, boolean>();
  #rootIsMissing = false;
  /** Of the home and of each dataset below it that can be mounted. */
  #mountpoints: ReadonlyMap<DatasetName, string> = new Map();

  constructor(zfs: SyncZfs, root: DatasetName, options: ExamineOptions) {
    this.#zfs = zfs;
    this.#root = root;
    this.#options = options;
  }

  /** What is known of where they go. */
  seen({ datasets }: HomeState): void {
    this.#mountpoints = new Map(
      datasets
        .filter(hasPlace)
        .map(({ name, properties }) => [name, properties['mountpoint'] ?? '-'] as const),
    );
  }

  /** Mounts the dataset, and what it lies in before it. False: it cannot be mounted, so nothing about it can be proved. */
  async add(dataset: DatasetName): Promise<boolean> {
    const known = this.#mounted.get(dataset);
    if (known !== undefined) return known;
    const above = this.#above(dataset);
    const mounted = (above === null || (await this.add(above))) && (await this.#mount(dataset));
    this.#mounted.set(dataset, mounted);
    return mounted;
  }

  /** There is no such home: to mount it was to find that out. */
  get rootIsMissing(): boolean {
    return this.#rootIsMissing;
  }

  has(dataset: DatasetName): boolean {
    return this.#mounted.get(dataset) === true;
  }

  /** The dataset of the home whose files it is mounted in; null: it is the home's own. */
  #above(dataset: DatasetName): DatasetName | null {
    if (dataset === this.#root) return null;
    const mountpoint = this.#mountpoints.get(dataset) ?? '-';
    const holders = [...this.#mountpoints].filter(([, above]) => mountpoint.startsWith(`${above}/`));
    const [nearest] = holders.sort(([, a], [, b]) => b.length - a.length);
    return nearest?.[0] ?? this.#root;
  }

  /** null: the dataset is the home's own, or has no place in it. */
  #placeInHome(dataset: DatasetName): { readonly top: string; readonly path: string } | null {
    const [top = '-', mountpoint = '-'] = [this.#root, dataset].map((name) => this.#mountpoints.get(name));
    return mountpoint.startsWith(`${top}/`) ? { top, path: mountpoint.slice(top.length + 1) } : null;
  }

  async #mountInPlace(dataset: DatasetName): Promise<void> {
    const command = mountReadOnly(dataset);
    const place = this.#placeInHome(dataset);
    if (dataset === this.#root) return mountWithKey(this.#zfs, dataset, command, this.#options);
    if (place === null) throw noPlace(dataset);
    const mounted = [...this.#mounted].filter(([, is]) => is).map(([name]) => this.#placeInHome(name)?.path);
    const wanted = {
      ...{ ...place, dataset, home: this.#root, mayHide: true },
      mounted: new Set(mounted.filter((path) => path !== undefined)),
    };
    return mountProven(this.#zfs, this.#options.guard, wanted, command, this.#options);
  }

  async #mount(dataset: DatasetName): Promise<boolean> {
    try {
      await this.#mountInPlace(dataset);
      return true;
    } catch (error) {
      // What waits in its intent log cannot be seen without the key, and a receive would go over it.
      if (!isRoamhomeError(error) || error.code === 'key-not-loaded') throw error;
      if (error.code === 'dataset-missing') {
        this.#rootIsMissing ||= dataset === this.#root;
      } else {
        this.#zfs.observer.warning(this.#zfs.host.name, mountReadOnly(dataset).argv, error.message);
      }
      return false;
    }
  }

  /**
   * The state without these mounts: they are gone when the caller sees it, but for what they wrote. What `readonly` is without them they
   * have not shown.
   */
  restore(home: HomeState): HomeState {
    const before = (dataset: DatasetState): DatasetState =>
      this.has(dataset.name)
        ? {
            ...dataset,
            ...{ mounted: false, mountedSince: true },
            properties: { ...dataset.properties, readonly: '-' },
          }
        : dataset;
    return { ...home, datasets: home.datasets.map(before), excluded: home.excluded.map(before) };
  }

  /** Unmounting the home takes what is mounted below it along. Once more at least, however the run is hurried. */
  async remove(): Promise<void> {
    if (!this.has(this.#root)) return;
    const { sleep, signal } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#zfs.run(unmount(this.#root, { force: false }), {});
        return;
      } catch (error) {
        if (isRoamhomeError(error, 'not-mounted')) return;
        const isLast = attempt >= unmounting.tries || signal?.aborted === true;
        if (isLast || !isRoamhomeError(error, 'dataset-busy')) throw error;
      }
      await sleep(unmounting.pauseMs);
    }
  }
}

function noPlace(dataset: DatasetName): RoamhomeError {
  return new RoamhomeError({
    code: 'in-the-way',
    message: `${dataset} has no place in the home: it is not mounted to be looked at`,
    remedy: `Run \`zfs get mountpoint ${dataset}\`.`,
  });
}
