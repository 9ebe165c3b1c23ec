import { dirname } from 'node:path';
import { RoamhomeError } from '../../errors/errors.ts';
import { folderDataset, folderOf, formatFolders, isFolderDataset } from '../mount/excluded-folders.ts';
import { excludedProperty } from '../../sync/properties.ts';
import { mountedPrivately } from '../mount/folder-dataset.ts';
import { wayTo } from '../mount/folder-way.ts';
import type { Session } from '../session.ts';
import { setProperties } from '../../zfs/commands/change.ts';
import type { Dataset } from '../../zfs/version.ts';
import { destroyFolder } from './destroy-folder.ts';
import { emptyFolder, must, takePlace } from './empty-folder.ts';
import { withHomeAtRest, type HomeAtRest, type Sent } from './home-at-rest.ts';
import { withPrivateHome } from './private-home.ts';
import { differencesOf, missingFrom } from './verify-copy.ts';

export interface Returned {
  readonly path: string;
  /** Where its content is in the home now; null: this Mac had nothing of it. */
  readonly as: string | null;
}

export interface RemoveReport extends Sent {
  readonly folders: readonly Returned[];
}

/**
 * Takes folders off the list, and brings what this Mac has of them back into the home: in their place, or beside it where
 * the home has got something there. Only once all of it is there is the dataset destroyed. Killed anywhere, the same call
 * goes on. Other Macs keep what they have of it, and tell. Throws `usage` for what is neither on the list nor here.
 */
export async function removeFolders(session: Session, paths: readonly string[]): Promise<RemoveReport> {
  const { done, sent } = await withHomeAtRest(session, async (rest) => {
    const chosen = [...new Set(paths)];
    for (const path of chosen) if (!isKnown(rest, path)) throw unknown(session, path);
    const folders = await withPrivateHome(session, rest.home, async (top) => {
      const returned: Returned[] = [];
      for (const path of chosen) returned.push({ path, as: await bringBack(session, rest, { top, path }) });
      return returned;
    });
    await takeOffList(session, rest, chosen);
    for (const path of chosen) {
      const dataset = datasetOf(rest, path);
      if (dataset !== undefined) await destroyFolder(session, dataset.name);
    }
    return folders;
  });
  return { folders: done, ...sent };
}

function datasetOf({ home }: HomeAtRest, path: string): Dataset | undefined {
  const name = folderDataset(home.root, path);
  return home.excluded.find((each) => each.name === name && isFolderDataset(home.root, each));
}

function isKnown(rest: HomeAtRest, path: string): boolean {
  return rest.list.folders.includes(path) || datasetOf(rest, path) !== undefined;
}

async function takeOffList(session: Session, { list }: HomeAtRest, chosen: readonly string[]): Promise<void> {
  const folders = list.folders.filter((path) => !chosen.includes(path));
  if (folders.length === list.folders.length) return;
  const command = setProperties(session.serverHome, { [excludedProperty]: formatFolders(folders) });
  await session.server.zfs.run(command, { signal: session.signal });
}

/** Where it is in the home then. */
async function bringBack(
  session: Session,
  rest: HomeAtRest,
  { top, path }: { readonly top: string; readonly path: string },
): Promise<string | null> {
  const { platform, folders, mountpoints, signal } = session;
  const dataset = datasetOf(rest, path);
  if (dataset === undefined) return null;
  const way = await wayTo(session, rest.home, top, path);
  if (way.kind === 'blocked' || (way.kind === 'missing' && way.names.length > 1)) throw noWay(path);
  const place = `${top}/${path}`;
  const isComplete = folderOf(rest.home.root, dataset) === path;
  const stage = `${dirname(place)}/.roamhome-returning-${dataset.name.slice(-16)}`;
  return mountedPrivately(session, dataset.name, async (mounted) => {
    // Made, and never filled.
    if ((await mountpoints.countEntries(mounted)) === 0 && !isComplete) return null;
    const hasFiles = way.kind === 'there' && (await mountpoints.countEntries(place)) > 0;
    // A run that was killed has brought it back already; or it never was more than a copy.
    if (hasFiles && (await missingFrom(mounted, place, signal)).length === 0) return isComplete ? path : null;
    // Nobody but root gets in there until it is whole.
    await must(session, ['mkdir', '-p', '-m', '700', stage]);
    await emptyFolder(session, stage);
    await folders.copyTree(mounted, stage, signal);
    const different = await differencesOf(mounted, stage, { platform, signal });
    if (different.length > 0) throw notCopied(path);
    if (await takePlace(stage, place)) return path;
    for (let number = 1; ; number += 1) {
      const beside = `${path} (was excluded${number === 1 ? '' : ` ${number}`})`;
      if (await takePlace(stage, `${top}/${beside}`)) return beside;
    }
  });
}

function unknown({ user }: Session, path: string): RoamhomeError {
  return new RoamhomeError({
    code: 'usage',
    message: `${JSON.stringify(path)} of ${user} is not excluded`,
    remedy: `\`roamhome exclude list ${user}\` shows what is.`,
  });
}

function noWay(path: string): RoamhomeError {
  return new RoamhomeError({
    code: 'in-the-way',
    message: `the home has no place for ${JSON.stringify(path)}: a folder above it is gone, or is none`,
    remedy: 'Make it a plain directory again, all the way to it. Nothing was changed.',
  });
}

function notCopied(path: string): RoamhomeError {
  return new RoamhomeError({
    code: 'command-failed',
    message: `the copy of ${JSON.stringify(path)} is not the same`,
    remedy: 'It stays excluded; nothing was changed. Please report this, with the log.',
  });
}
