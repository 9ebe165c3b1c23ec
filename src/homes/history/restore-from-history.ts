import { locate, type Located } from '../files/choose-paths.ts';
import { copyEntries, type Copied } from '../files/copy-entries.ts';
import { entryAt } from '../files/entry.ts';
import { directoryOf, mountAt, nameOf, pathIn, placeIn, type FileTree } from '../files/file-tree.ts';
import { withHomeTree } from '../files/home-tree.ts';
import { accountOf } from '../conflicts/restore-conflict.ts';
import type { RestorePlan } from '../files/restore-plan.ts';
import { folderTree, writerOf } from '../files/target-folder.ts';
import { withLock } from '../lock/with-lock.ts';
import { RoamhomeError } from '../../errors/errors.ts';
import type { Host } from '../../host/host.ts';
import type { Identity } from '../../host/local.ts';
import type { Session } from '../session.ts';
import type { Guid } from '../../zfs/names.ts';
import { datasetsOfPath, type PastHome } from './choose-snapshots.ts';
import type { KnownSnapshot } from './home-history.ts';
import { planPutBack } from './plan-put-back.ts';
import { withViews, type Homes } from './with-views.ts';

export interface RestoreOptions {
  readonly past: PastHome;
  readonly homes: Homes;
  /** The names of the path, from the home down. */
  readonly parts: readonly string[];
  /** An absolute path of a directory; null: the home. */
  readonly to: string | null;
  /** For the name of what is there now. */
  readonly label: string;
  readonly hostAs: (identity: Identity) => Host;
}

export interface RestoreOutcome extends Copied {
  readonly skipped: RestorePlan['skipped'];
  /** Where it came to, or is already. */
  readonly target: string;
  readonly warnings: readonly string[];
}

/**
 * Brings a file or a folder back as it was. What is there and differs is kept beside it. It is written with the rights of
 * the user, who may have put symlinks in the way. Throws `path-missing` where the past has no such path.
 */
export async function restoreFromHistory(session: Session, options: RestoreOptions): Promise<RestoreOutcome> {
  const account = await accountOf(session);
  const { to } = options;
  return withLock(session, 'restore', async () => {
    if (to !== null) {
      const owner = await writerOf(to, account);
      const home = await folderTree(to);
      return withPast(session, options, (past, found) => {
        const inHome = placeIn(mountAt(home, Buffer.alloc(0)) ?? Buffer.from(to), nameOf(found.path));
        // Paths of the home's datasets mean nothing in the folder.
        return putInto(
          { session, options, past, home: { mounts: new Map(), apart: new Map() }, owner },
          found,
          inHome,
          [],
        );
      });
    }
    return withHomeTree(session, 'write', (home, { warnings }) =>
      withPast(session, options, async (past, found) => {
        const inHome = placeOf(home, found.path);
        if (inHome === null) throw new Error('a home without its top');
        return putInto({ session, options, past, home, owner: account }, found, inHome, warnings);
      }),
    );
  });
}

/** Runs a task on the past of a path. */
async function withPast<T>(
  session: Session,
  { past, parts, homes }: RestoreOptions,
  task: (past: FileTree, found: Located) => Promise<T>,
): Promise<T> {
  const needed = [...datasetsOfPath(past, parts)].map(([path, snapshot]) => ({ path, snapshot }));
  if (needed.length === 0) throw notThen(parts, null);
  return withViews(session, needed, homes, async (mounts) => {
    const tree = treeOf(needed, mounts);
    const found = await locate(tree, parts);
    if (found === null) throw notThen(parts, needed[0]?.snapshot ?? null);
    return task(tree, found);
  });
}

/** The files of views as one tree. Pure. */
function treeOf(
  views: readonly { readonly path: string; readonly snapshot: KnownSnapshot }[],
  mounts: ReadonlyMap<Guid, string>,
): FileTree {
  const places = views.flatMap(({ path, snapshot }) => {
    const mount = mounts.get(snapshot.guid);
    return mount === undefined ? [] : [[path, mount] as const];
  });
  return { mounts: new Map(places), apart: new Map() };
}

interface Target {
  readonly session: Session;
  readonly options: RestoreOptions;
  readonly past: FileTree;
  readonly home: FileTree;
  /** With whose rights it is written. */
  readonly owner: Identity;
}

async function putInto(
  { session, options, past, home, owner }: Target,
  { path, place }: Located,
  inHome: Buffer,
  warnings: readonly string[],
): Promise<RestoreOutcome> {
  const { local, platform, signal } = session;
  const above = options.to === null ? await directoriesAbove(past, home, path) : [];
  const plan = await planPutBack(
    { path, inPast: place, inHome },
    { past, home, label: options.label, signal },
  );
  const whole: RestorePlan = {
    steps: plan.steps.length === 0 ? [] : [...above, ...plan.steps],
    skipped: plan.skipped,
  };
  const writer = options.hostAs(owner);
  const parts = { kind: platform.kind, reader: local.host, writer, owner, signal };
  const copied = await copyEntries(whole, parts);
  return { ...copied, skipped: plan.skipped, target: inHome.toString(), warnings };
}

/** Where a path of a tree is, whether something is there or not; null: the tree begins further down. */
function placeOf(tree: FileTree, path: Buffer): Buffer | null {
  const mount = mountAt(tree, path);
  if (mount !== null || path.length === 0) return mount;
  const above = placeOf(tree, directoryOf(path));
  return above === null ? null : placeIn(above, nameOf(path));
}

/** The steps that make the directories above a path that are there no longer. */
async function directoriesAbove(past: FileTree, home: FileTree, path: Buffer): Promise<RestorePlan['steps']> {
  const steps: RestorePlan['steps'][number][] = [];
  let at: Buffer = Buffer.alloc(0);
  for (const part of path.toString('latin1').split('/').slice(0, -1)) {
    at = pathIn(at, Buffer.from(part, 'latin1'));
    const [place, before] = [placeOf(home, at), placeOf(past, at)];
    if (place === null) throw new Error('a home without its top');
    const now = await entryAt(place);
    if (now === null) {
      const then = before === null ? null : await entryAt(before);
      steps.push({
        kind: 'make',
        path: at,
        place: place.toString(),
        mode: ((then?.mode ?? 0o700) & 0o777) | 0o700,
      });
    } else if (now.kind !== 'directory') {
      throw new RoamhomeError({
        code: 'in-the-way',
        message: `${JSON.stringify(at.toString())} in the home is a ${now.kind} now, and was a directory`,
        remedy: 'Nothing was changed. Rename it, or restore to a folder with --to.',
      });
    }
  }
  return steps;
}

function notThen(parts: readonly string[], snapshot: KnownSnapshot | null): RoamhomeError {
  const then = snapshot === null ? 'then' : `in the snapshot ${snapshot.short}`;
  return new RoamhomeError({
    code: 'path-missing',
    message: `there was no ${JSON.stringify(parts.join('/'))} ${then}`,
    remedy: '`roamhome versions USER PATH` tells when it was there. Nothing was changed.',
  });
}
