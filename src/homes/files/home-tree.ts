import { RoamhomeError } from '../../errors/errors.ts';
import { excludedPathOf, folderOf } from '../mount/excluded-folders.ts';
import type { HomeState } from '../../sync/home-state.ts';
import { insideHome, mountHome } from '../mount/mounting.ts';
import { mountInsideToRead } from '../mount/mount-inside.ts';
import { observeLocal } from '../observing.ts';
import { Findings } from '../report.ts';
import type { Session } from '../session.ts';
import { unmountHome } from '../mount/unmounting.ts';
import { mountWithKey } from '../../sync/with-key.ts';
import { mountReadOnly } from '../../zfs/commands/change.ts';
import type { Dataset } from '../../zfs/version.ts';
import type { FileTree } from './file-tree.ts';

/**
 * Runs a task on the files of the user's home on this Mac. A home in use is taken as it is; one that is not mounted is
 * mounted for the task at its own place, read-only to be read. To be called with the user's lock.
 */
export async function withHomeTree<T>(
  session: Session,
  access: 'read' | 'write',
  task: (tree: FileTree, findings: Findings) => Promise<T>,
): Promise<T> {
  const findings = new Findings();
  const home = await observe(session);
  const wasMounted = rootOf(home).mounted;
  try {
    if (access === 'write') await mountHome(session, home, findings);
    else if (!wasMounted) await mountToRead(session, home, findings);
    return await task(treeOf(await observe(session)), findings);
  } finally {
    if (!wasMounted)
      await unmountHome({ ...session, signal: new AbortController().signal }, { tries: 3, force: false });
  }
}

async function observe(session: Session): Promise<HomeState> {
  const home = await observeLocal(session, 'ignore');
  if (home !== null) return home;
  throw new RoamhomeError({
    code: 'home-missing',
    message: `${session.user} has no home ${session.localHome} on this Mac`,
    remedy: 'Their next login brings it. Until then restore to a folder, with --to.',
  });
}

function rootOf(home: HomeState): Dataset {
  const root = home.datasets.find(({ path }) => path === '');
  if (root === undefined) throw new Error(`${home.root} without a dataset of its own`);
  return root;
}

async function mountToRead(session: Session, home: HomeState, findings: Findings): Promise<void> {
  const root = rootOf(home);
  await mountWithKey(session.local, root.name, mountReadOnly(root.name), session);
  await mountInsideToRead(session, await insideHome(session, home.datasets, root, findings), findings);
}

/** Datasets that take no part in sync are no part of a conflict either. Pure. */
function treeOf(home: HomeState): FileTree {
  const apart = new Map<string, string | null>(
    home.excluded.map((dataset) => [
      Buffer.from(excludedPathOf(home.root, dataset)).toString('latin1'),
      // It was in the home once.
      folderOf(home.root, dataset) === null ? null : 'it is excluded: restore it to a folder, with --to',
    ]),
  );
  const mounts = new Map<string, string>();
  for (const { path, mounted, properties } of home.datasets) {
    if (mounted) mounts.set(path, properties['mountpoint'] ?? '-');
    else if (properties['canmount'] !== 'off') apart.set(path, 'this dataset of the home is not mounted');
  }
  return { mounts, apart };
}
