import { belowHome, locate, partsOf } from '../files/choose-paths.ts';
import type { FileTree } from '../files/file-tree.ts';
import { RoamhomeError } from '../../errors/errors.ts';
import { isAtOrAbove, whyNoFolder } from '../mount/excluded-folders.ts';
import type { HomeState } from '../../sync/home-state.ts';
import { wayTo } from '../mount/folder-way.ts';
import { placeBlocked } from '../mount/place-blocked.ts';
import type { Session } from '../session.ts';

/** A path as a person types it: relative to the home, or from the root. Throws `usage`. Pure. */
export function parseFolder(word: string, mountpoint: string): string {
  const path = partsOf(belowHome(word, mountpoint)).join('/');
  const why = whyNoFolder(path);
  if (why === null) return path;
  throw refused(path, why, 'Give the path of a folder, relative to the home: Library/Caches.');
}

/**
 * A folder as its name is stored in the home, which is mounted at `top`. Throws `usage` for what cannot be a dataset of its
 * own, `in-the-way` for what a symlink leads to.
 */
export async function resolveFolder(
  session: Session,
  home: HomeState,
  { top, path }: { readonly top: string; readonly path: string },
): Promise<string> {
  const tree: FileTree = { mounts: new Map([['', top]]), apart: new Map() };
  const found = (await locate(tree, path.split('/')))?.path.toString() ?? path;
  const way = await wayTo(session, home, top, found);
  if (way.kind === 'blocked') throw placeBlocked(found, way.why);
  const inside = home.datasets.find((dataset) => dataset.path !== '' && isAtOrAbove(found, dataset.path));
  if (inside === undefined) return found;
  throw refused(
    found,
    `the dataset ${inside.name} is there`,
    inside.path === found
      ? `To keep it from being synced: zfs set roamhome:sync=off ${inside.name}, on each side that has it.`
      : 'Choose folders beside it.',
  );
}

function refused(path: string, why: string, remedy: string): RoamhomeError {
  return new RoamhomeError({
    code: 'usage',
    message: `${JSON.stringify(path)} cannot be excluded: ${why}`,
    remedy: `${remedy} Nothing was changed.`,
  });
}
