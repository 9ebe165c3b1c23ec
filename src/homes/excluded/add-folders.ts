import { RoamhomeError } from '../../errors/errors.ts';
import { folderDataset, folderOf, formatFolders, isAtOrAbove } from '../mount/excluded-folders.ts';
import { excludedProperty } from '../../sync/properties.ts';
import {
  completeFolder,
  createFolderDataset,
  isHalfFilled,
  mountedPrivately,
} from '../mount/folder-dataset.ts';
import { wayTo } from '../mount/folder-way.ts';
import type { Session } from '../session.ts';
import { setProperties } from '../../zfs/commands/change.ts';
import type { Dataset } from '../../zfs/version.ts';
import { emptyFolder } from './empty-folder.ts';
import { withHomeAtRest, type HomeAtRest, type Sent } from './home-at-rest.ts';
import { withPrivateHome } from './private-home.ts';
import { resolveFolder } from './resolve-folder.ts';
import { differencesOf, missingFrom, strangersIn } from './verify-copy.ts';

/**
 * `moved`: what was in it is in a dataset of its own now; `already`: it was so; `listed`: the home has no such folder, and the
 * next login makes it.
 */
export type AddOutcome = 'moved' | 'already' | 'listed';

export interface AddReport extends Sent {
  readonly folders: readonly { readonly path: string; readonly outcome: AddOutcome }[];
}

/**
 * Excludes folders of a home: on the server's list for every Mac, and moved into datasets of their own on this one. Killed
 * anywhere, the same call goes on: until its dataset is complete a folder stays what it was; from then on the dataset is
 * mounted over what is still left of it in the home, all of which it has.
 */
export async function addFolders(session: Session, paths: readonly string[]): Promise<AddReport> {
  const { done, sent } = await withHomeAtRest(session, (rest) =>
    withPrivateHome(session, rest.home, async (top) => {
      const chosen: string[] = [];
      for (const path of paths) chosen.push(await resolveFolder(session, rest.home, { top, path }));
      await putOnList(session, rest, chosen);
      const folders: AddReport['folders'][number][] = [];
      for (const path of new Set(chosen))
        folders.push({ path, outcome: await moveOut(session, rest, { top, path }) });
      return folders;
    }),
  );
  return { folders: done, ...sent };
}

/** First: from then on every Mac does its part, as soon as the folder is empty there. */
async function putOnList(
  session: Session,
  { list, findings }: HomeAtRest,
  chosen: readonly string[],
): Promise<void> {
  for (const path of chosen) {
    const other = [...list.folders, ...chosen].find(
      (each) => each !== path && (isAtOrAbove(each, path) || isAtOrAbove(path, each)),
    );
    if (other !== undefined) throw nested(session, path, other);
  }
  for (const wrong of list.wrong)
    findings.warn(
      `${JSON.stringify(wrong.slice(0, 100))} on the list of excluded folders was none: it is left out now`,
    );
  const added = chosen.filter((path) => !list.folders.includes(path));
  if (added.length === 0) return;
  const command = setProperties(session.serverHome, {
    [excludedProperty]: formatFolders([...list.folders, ...added]),
  });
  await session.server.zfs.run(command, { signal: session.signal });
}

/** Every step is known again by what is there, and is done once more where that says nothing of it. */
async function moveOut(
  session: Session,
  { home }: HomeAtRest,
  { top, path }: { readonly top: string; readonly path: string },
): Promise<AddOutcome> {
  const { log, user, signal } = session;
  const name = folderDataset(home.root, path);
  const dataset = home.excluded.find((each) => each.name === name);
  const isComplete = dataset !== undefined && folderOf(home.root, dataset) === path;
  const place = `${top}/${path}`;
  const way = await wayTo(session, home, top, path);
  if (way.kind !== 'there') return isComplete ? 'already' : 'listed';
  const isEmpty = (await session.mountpoints.countEntries(place)) === 0;
  if (isComplete && isEmpty) return 'already';
  if (isComplete) {
    const missing = await mountedPrivately(session, name, (copy) => missingFrom(place, copy, signal));
    await completeFolder(session, name, path);
    if (missing.length > 0) throw leftBehind(session, path, missing);
  } else {
    await fill(session, dataset, { name, place, path });
    log.info('folder-moved', { user, dataset: name });
  }
  await emptyFolder(session, place);
  return 'moved';
}

/**
 * Copies, compares, and only then says that the dataset is the folder: ZFS writes that to disk no sooner than what was written
 * before (one pool, one order of transaction groups).
 */
async function fill(
  session: Session,
  dataset: Dataset | undefined,
  { name, place, path }: { readonly name: Dataset['name']; readonly place: string; readonly path: string },
): Promise<void> {
  const { platform, folders, mountpoints, signal } = session;
  if (dataset === undefined) await createFolderDataset(session, name);
  await mountedPrivately(session, name, async (copy) => {
    const isHalf = dataset !== undefined && isHalfFilled(dataset);
    if (isHalf) await emptyFolder(session, copy);
    else if ((await mountpoints.countEntries(copy)) > 0) {
      // It was whole, and does not say so any more.
      if ((await mountpoints.countEntries(place)) === 0) return;
      const strange = await strangersIn(copy, place, signal);
      if (strange.length > 0) throw leftBehind(session, path, strange);
      // Half of it, of a run of an older version that was killed.
      await emptyFolder(session, copy);
    }
    await folders.copyTree(place, copy, signal);
    const different = await differencesOf(place, copy, { platform, signal });
    if (different.length > 0) throw notCopied(path, different);
  });
  await completeFolder(session, name, path);
}

function nested({ user }: Session, path: string, other: string): RoamhomeError {
  const isBelow = isAtOrAbove(other, path);
  return new RoamhomeError({
    code: 'usage',
    message: `${JSON.stringify(path)} lies ${isBelow ? 'in' : 'above'} ${JSON.stringify(other)}, which is excluded`,
    remedy: isBelow
      ? 'So it is excluded with it.'
      : `\`roamhome exclude remove ${user} …\` brings that back; then exclude the folder above it.`,
  });
}

function shownPaths(paths: readonly string[]): string {
  const shown = paths.slice(0, 3).map((path) => (path === '' ? 'attributes in it' : JSON.stringify(path)));
  return `${shown.join(', ')}${paths.length > 3 ? ` and ${paths.length - 3} more` : ''}`;
}

function notCopied(path: string, different: readonly string[]): RoamhomeError {
  return new RoamhomeError({
    code: 'command-failed',
    message: `the copy of ${JSON.stringify(path)} is not the same: ${shownPaths(different)}`,
    remedy:
      'The folder stays as it is, in the home. See what is special about these (`lsattr`, `getfattr -d -m -`), and run it again.',
  });
}

function leftBehind({ user }: Session, path: string, missing: readonly string[]): RoamhomeError {
  return new RoamhomeError({
    code: 'in-the-way',
    message:
      `${JSON.stringify(path)} is in the home and in a dataset of its own, and one has what the other has not: ` +
      shownPaths(missing),
    remedy:
      `Nothing was removed. \`roamhome exclude remove ${user} PATH\` brings both into the home, side by side; then put them ` +
      'together, and exclude the folder again.',
  });
}
