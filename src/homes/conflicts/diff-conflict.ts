import type { Session } from '../session.ts';
import type { DatasetName } from '../../zfs/names.ts';
import { compareTrees, type Difference } from '../files/compare.ts';
import { withConflictTree } from './conflict-tree.ts';
import { withHomeTree } from '../files/home-tree.ts';
import { withLock } from '../lock/with-lock.ts';

/**
 * Tells each difference between a conflict on this Mac and the home as it is now, sorted by path. Both are only read.
 * Throws `locked`, `home-missing`, `dataset-busy`.
 */
export async function diffConflict(
  session: Session,
  conflict: DatasetName,
  options: { readonly all: boolean; readonly tell: (difference: Difference) => void },
): Promise<void> {
  const { signal } = session;
  await withLock(session, 'conflicts diff', () =>
    withHomeTree(session, 'read', (home) =>
      withConflictTree(
        conflict,
        { zfs: session.local, stateDir: session.config.local.stateDir, signal },
        async (tree) => {
          const found = compareTrees({ conflict: tree, home, chosen: null, all: options.all, signal });
          for await (const difference of found) options.tell(difference);
        },
      ),
    ),
  );
}
