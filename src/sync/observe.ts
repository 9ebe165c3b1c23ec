import type { SendFlags } from '../zfs/commands/stream.ts';
import type { DatasetName } from '../zfs/names.ts';
import type { CallOptions, SyncZfs } from '../zfs/sync-zfs.ts';
import type { Dataset } from '../zfs/version.ts';
import { RoamhomeError } from '../errors/errors.ts';
import { headOf, type Change, type DatasetState, type HomeState } from './home-state.ts';
import { takesNoPart } from './kept-here.ts';
import { withOwnMarks } from './own-marks.ts';
import { flagsProperty, localProperties, syncProperty } from './properties.ts';

export interface ObserveOptions extends CallOptions {
  /** The ZFS that reads resume tokens: this Mac's, for both sides, so that no remote command is spent on it. */
  readonly tokenReader: SyncZfs;
  /** Native properties to read besides those of every home. */
  readonly properties?: readonly string[];
  /**
   * What a dataset that was written to since its newest snapshot counts as. `assume-files`: as changed, where there
   * is no proof of the contrary (examineHome has one). `ignore`: as unchanged, on the server, where Macs have no
   * business with writes, and where a snapshot was made just now.
   */
  readonly changes: 'assume-files' | 'ignore';
}

/** One side's home as it is now, read with one `zfs list`; null: there is no such dataset. */
export async function observeHome(
  zfs: SyncZfs,
  root: DatasetName,
  options: ObserveOptions,
): Promise<HomeState | null> {
  const properties = [syncProperty, flagsProperty, ...localProperties, ...(options.properties ?? [])];
  const listed = await zfs.listTree(root, properties, options);
  if (listed === null) return null;
  // On this Mac's own side; what the server says of it is weighed in pairDatasets.
  const tree = zfs === options.tokenReader ? await withOwnMarks(zfs, root, listed, options) : listed;
  const home = tree.find(({ name }) => name === root);
  if (home === undefined) return null;
  const [datasets, excluded]: [DatasetState[], DatasetState[]] = [[], []];
  for (const dataset of tree) {
    const isOff = dataset !== home && takesNoPart(dataset);
    (isOff ? excluded : datasets).push({
      ...dataset,
      path: dataset.name.slice(root.length + 1),
      change: changeOf(dataset, options),
      partial:
        dataset.resumeToken === null
          ? null
          : ((await options.tokenReader.decodeToken(dataset.resumeToken, options)) ?? 'unknown'),
    });
  }
  return { root, datasets, excluded, sendFlags: parseFlags(home) };
}

function changeOf(dataset: Dataset, { changes }: ObserveOptions): Change {
  return changes === 'ignore' || dataset.written === 0n || headOf(dataset) === null ? 'none' : 'files';
}

function parseFlags(home: Dataset): SendFlags | null {
  const value = home.properties[flagsProperty] ?? '-';
  switch (value) {
    case '-':
      return null;
    case 'none':
      return '';
    case 'Lec':
    case 'w':
      return value;
    default:
      throw new RoamhomeError({
        code: 'zfs-output-unknown',
        message: `${home.name} has ${flagsProperty}=${JSON.stringify(value)}, which this Roamhome does not know`,
        remedy: 'Update Roamhome on this Mac: another Mac sends this home with newer flags.',
      });
  }
}
