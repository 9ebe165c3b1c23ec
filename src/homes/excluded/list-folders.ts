import { isRoamhomeError } from '../../errors/errors.ts';
import { folderDataset, folderOf, isFolderDataset, parseFolders } from '../mount/excluded-folders.ts';
import { excludedProperty, folderProperty } from '../../sync/properties.ts';
import type { Session } from '../session.ts';
import { listProperty } from '../../zfs/commands/list.ts';
import { listFilesystems } from '../../zfs/commands/list-filesystems.ts';
import type { DatasetName } from '../../zfs/names.ts';

/** An excluded folder of a home, as it is on the server's list and on this Mac. */
export interface ShownFolder {
  /** null: a run that was to fill the dataset was cut off, and nothing says which folder it was. */
  readonly path: string | null;
  /** null: the server was not asked. */
  readonly onList: boolean | null;
  /** `none`: the next login makes it; `incomplete`: `exclude add` was cut off. */
  readonly here: 'whole' | 'incomplete' | 'none';
  readonly dataset: DatasetName | null;
  readonly usedBytes: number;
  readonly mounted: boolean;
}

/** One list of each side; the server's is left out unless wanted. Changes nothing. */
export async function listFolders(session: Session, withServer: boolean): Promise<readonly ShownFolder[]> {
  const { local, localHome, signal } = session;
  const list = withServer ? await readList(session) : null;
  const found = (await local.exists(localHome, { signal }))
    ? await local.run(listFilesystems(localHome, [folderProperty, 'used', 'mounted']), { signal })
    : [];
  const here = found
    .filter(
      (each) => isFolderDataset(localHome, each) && !each.name.slice(localHome.length + 1).includes('/'),
    )
    .map(({ name, properties }): ShownFolder => {
      const known = folderOf(localHome, { name, properties });
      const path = known ?? list?.find((each) => folderDataset(localHome, each) === name) ?? null;
      return {
        ...{ path, dataset: name, here: known === null ? 'incomplete' : 'whole' },
        onList: list === null ? null : path !== null && list.includes(path),
        usedBytes: Number(properties['used']),
        mounted: properties['mounted'] === 'yes',
      };
    });
  const others = (list ?? [])
    .filter((path) => !here.some((each) => each.path === path))
    .map((path): ShownFolder => ({
      ...{ path, onList: true, here: 'none', dataset: null, usedBytes: 0, mounted: false },
    }));
  return [...here, ...others].sort((a, b) => ((a.path ?? '') < (b.path ?? '') ? -1 : 1));
}

/** Empty where the server has no such home yet. */
async function readList({ server, serverHome, signal }: Session): Promise<readonly string[]> {
  try {
    return parseFolders(await server.zfs.run(listProperty(serverHome, excludedProperty), { signal })).folders;
  } catch (error) {
    if (isRoamhomeError(error, 'dataset-missing')) return [];
    throw error;
  }
}
