import { RoamhomeError } from '../../errors/errors.ts';
import type { Identity } from '../../host/local.ts';
import type { Host } from '../../host/host.ts';
import type { Account } from '../../platform/platform.ts';
import type { Session } from '../session.ts';
import type { DatasetName } from '../../zfs/names.ts';
import { chooseBesides } from '../files/beside.ts';
import { choosePaths, partsOf } from '../files/choose-paths.ts';
import { compareTrees, type Difference } from '../files/compare.ts';
import { conflictLabel } from './conflict-label.ts';
import { withConflictTree } from './conflict-tree.ts';
import { copyEntries, type Copied } from '../files/copy-entries.ts';
import type { FileTree } from '../files/file-tree.ts';
import { withHomeTree } from '../files/home-tree.ts';
import { planRestore, type NotRestored } from '../files/restore-plan.ts';
import { folderTree, writerOf } from '../files/target-folder.ts';
import { withLock } from '../lock/with-lock.ts';

export interface RestoreOptions {
  /** Below the home; null: all. */
  readonly paths: readonly string[] | null;
  /** An absolute path of a directory; null: the home. */
  readonly to: string | null;
  /** The conflict's versions take the places of the others, which are kept beside them. */
  readonly overwrite: boolean;
  /** For the names of what is replaced. */
  readonly label: string;
  /** This machine, with the rights of another user. */
  readonly hostAs: (identity: Identity) => Host;
}

/** What a restore did. What is equal on both sides is in none of the lists. */
export interface RestoreReport extends Copied {
  /** Where to. */
  readonly target: string;
  readonly skipped: readonly NotRestored[];
  readonly warnings: readonly string[];
}

/**
 * Copies files of a conflict on this Mac into the home or a folder. Nothing is removed there: where both have a file that
 * differs, both are there afterwards. Into the home it writes with the user's own rights: they may have put symlinks in the way.
 */
export async function restoreConflict(
  session: Session,
  conflict: DatasetName,
  options: RestoreOptions,
): Promise<RestoreReport> {
  const account = await accountOf(session);
  for (const path of options.paths ?? []) partsOf(path);
  const { local, config, signal } = session;
  const intoTree = (target: string, home: FileTree, owner: Identity, warnings: readonly string[]) =>
    withConflictTree(conflict, { zfs: local, stateDir: config.local.stateDir, signal }, async (tree) => {
      const chosen = options.paths === null ? null : await choosePaths(options.paths, tree);
      const differences: Difference[] = [];
      for await (const one of compareTrees({ conflict: tree, home, chosen, all: false, signal }))
        if (one.kind !== 'only-home') differences.push(one);
      const name = conflict.slice(conflict.lastIndexOf('/') + 1);
      const besides = await chooseBesides(differences, conflictLabel(name, session.user), signal);
      const plan = planRestore(differences, { ...options, besides });
      const { kind } = session.platform;
      const writer = options.hostAs(owner);
      const copied = await copyEntries(plan, { kind, reader: local.host, writer, owner, signal });
      return { target, ...copied, skipped: plan.skipped, warnings };
    });
  const { to } = options;
  return withLock(session, 'conflicts restore', async () => {
    if (to !== null) {
      const owner = await writerOf(to, account);
      return intoTree(to, await folderTree(to), owner, []);
    }
    return withHomeTree(session, 'write', (home, { warnings }) =>
      intoTree(session.mountpoint, home, account, warnings),
    );
  });
}

/** The user on this Mac, with whose rights their files are written. Throws `user-unknown`. */
export async function accountOf({ user, platform }: Session): Promise<Account> {
  const account = await platform.findAccount(user);
  if (account !== null && account.uid !== 0) return account;
  throw new RoamhomeError({
    code: 'user-unknown',
    message: account === null ? `this Mac knows no user ${user}` : `${user} has uid 0 here`,
    remedy: 'Files are restored with the rights of the user whose they are: check `id USER`.',
  });
}
