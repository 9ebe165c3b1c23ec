import { isRoamhomeError } from '../errors/errors.ts';
import type { ZfsCommand } from '../zfs/command.ts';
import { changeKey, loadKey } from '../zfs/commands/change.ts';
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

/**
 * Renames a dataset out of its encryption root, after giving it a key of its own where that is what the rename lacks: the same
 * as its root's, from the same place. Throws `encryption-root` where that key has to be typed in, `key-not-loaded` where it is not
 * at hand.
 */
export async function renameWithKey(
  zfs: SyncZfs,
  dataset: DatasetName,
  rename: ZfsCommand<void>,
  options: CallOptions,
): Promise<void> {
  try {
    await zfs.run(rename, options);
  } catch (error) {
    if (!isRoamhomeError(error, 'encryption-root')) throw error;
    const root = parseDatasetName(await zfs.run(listProperty(dataset, 'encryptionroot'), options));
    const keylocation = await zfs.run(listProperty(root, 'keylocation'), options);
    if (!keylocation.startsWith('file://')) throw error;
    const keyformat = await zfs.run(listProperty(root, 'keyformat'), options);
    if ((await zfs.run(listProperty(root, 'keystatus'), options)) === 'unavailable')
      await zfs.run(loadKey(root), options);
    await zfs.run(changeKey(dataset, { keyformat, keylocation }), options);
    await zfs.run(rename, options);
  }
}
