import { isRoamhomeError } from '../errors/errors.ts';
import type { ZfsCommand } from '../zfs/command.ts';
import { loadKey } from '../zfs/commands/change.ts';
import { listProperty } from '../zfs/commands/list.ts';
import { parseDatasetName, type DatasetName } from '../zfs/names.ts';
import type { CallOptions, SyncZfs } from '../zfs/sync-zfs.ts';

/**
 * Runs a mount, after loading the dataset's key where that is what the mount lacks: nobody has loaded it since the Mac
 * was started, or the home has just come as an encrypted stream. Throws `key-not-loaded` where the key is not at hand.
 */
export async function mountWithKey(
  zfs: SyncZfs,
  dataset: DatasetName,
  mount: ZfsCommand<void>,
  options: CallOptions,
): Promise<void> {
  try {
    await zfs.run(mount, options);
  } catch (error) {
    if (!isRoamhomeError(error, 'key-not-loaded')) throw error;
    const root = parseDatasetName(await zfs.run(listProperty(dataset, 'encryptionroot'), options));
    await zfs.run(loadKey(root), options);
    await zfs.run(mount, options);
  }
}
