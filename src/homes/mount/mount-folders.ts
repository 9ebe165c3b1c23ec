import type { Account } from '../../platform/platform.ts';
import { folderDataset, folderOf, foldersHere, type FolderList } from './excluded-folders.ts';
import type { HomeState } from '../../sync/home-state.ts';
import { setProperties, unmount } from '../../zfs/commands/change.ts';
import type { Dataset } from '../../zfs/version.ts';
import {
  completeFolder,
  createFolderDataset,
  isHalfFilled,
  mountedPrivately,
  mountpointOf,
} from './folder-dataset.ts';
import type { Inside } from './mount-inside.ts';
import type { Findings } from '../report.ts';
import type { Session } from '../session.ts';

/**
 * The excluded folders that are to be mounted in the home and are not, with what makes those that are on the list and not on this Mac yet.
 * `list`: the server's; null: it was not asked, and what is here holds. What is wrong with the list is told.
 */
export function foldersToMount(
  session: Session,
  home: HomeState,
  list: FolderList | null,
  { account, findings }: { readonly account: Account; readonly findings: Findings },
): readonly Inside[] {
  const here = foldersHere(home);
  for (const wrong of list?.wrong ?? [])
    findings.warn(`the list of excluded folders has ${JSON.stringify(wrong.slice(0, 100))}, which is none`);
  const wanted = list?.folders ?? here;
  for (const path of here.filter((each) => !wanted.includes(each))) {
    findings.warn(
      `${JSON.stringify(path)} is not excluded any more; what this Mac has of it is kept in ${folderDataset(home.root, path)}: ` +
        `\`roamhome exclude remove ${session.user} PATH\` here, after the logout, brings it into the home`,
    );
  }
  return wanted.flatMap((path) => folderToMount(session, home, path, account) ?? []);
}

/** null: it is mounted. */
function folderToMount(session: Session, home: HomeState, path: string, account: Account): Inside | null {
  const name = folderDataset(home.root, path);
  const dataset = home.excluded.find((each) => each.name === name);
  if (dataset !== undefined && folderOf(home.root, dataset) === path) {
    const isThere = home.datasets.some((each) => each.name === home.root && each.mounted) && dataset.mounted;
    const prepare = async (): Promise<null> => putRight(session, dataset, path).then(() => null);
    // Its files may be in the home still: a run that empties the place was killed.
    return isThere ? null : { name, path, mayHide: true, prepare };
  }
  return { name, path, mayHide: true, prepare: () => makeFolder(session, dataset, { home, path, account }) };
}

/** Returns why it is left an ordinary folder; null: there is a dataset for it. */
async function makeFolder(
  session: Session,
  dataset: Dataset | undefined,
  { home, path, account }: { readonly home: HomeState; readonly path: string; readonly account: Account },
): Promise<string | null> {
  const { user, mountpoint: top, mountpoints, folders, signal } = session;
  const name = folderDataset(home.root, path);
  return folders.withPlace({ top, path }, async (place) => {
    if (place.entries > 0)
      return (
        `${JSON.stringify(path)} is to be excluded, but the home has files in it: it is synced until ` +
        `\`roamhome exclude add ${user} PATH\` here, after the logout, has moved them out`
      );
    if (place.uid !== account.uid)
      return (
        `${JSON.stringify(path)} is to be excluded, but belongs to uid ${place.uid}: it stays an ordinary folder. ` +
        `Give it to ${user}, who has uid ${account.uid}`
      );
    if (dataset === undefined) await createFolderDataset(session, name);
    // A run that was killed may have left it mounted.
    else if (dataset.mounted) await session.local.run(unmount(name, { force: false }), { signal });
    const isPart = await mountedPrivately(session, name, async (mounted) => {
      // What a run that was killed has copied, of files that were removed since: they must not come back.
      if (dataset !== undefined && isHalfFilled(dataset) && (await mountpoints.countEntries(mounted)) > 0)
        return true;
      await folders.copyTree(place.at, mounted, signal);
      return false;
    });
    if (isPart)
      return (
        `${JSON.stringify(path)} is to be excluded, but ${name} holds a part of a copy of it, of a run that was cut short: it stays an ` +
        `ordinary folder until \`roamhome exclude add ${user} PATH\` here, after the logout, has made it anew`
      );
    await completeFolder(session, name, path);
    return null;
  });
}

async function isAsItShouldBe(session: Session, { properties }: Dataset, path: string): Promise<boolean> {
  const wanted = await wantedOf(session, path);
  return Object.entries(wanted).every(([name, value]) => properties[name] === value);
}

async function wantedOf(session: Session, path: string): Promise<Readonly<Record<string, string>>> {
  const own = { canmount: 'noauto', mountpoint: await mountpointOf(session, path) };
  return { ...session.platform.homeProperties, ...own };
}

/** The home's user has another name now, a run that was killed had it mounted somewhere else, or an older version made it. */
async function putRight(session: Session, dataset: Dataset, path: string): Promise<void> {
  const { local, signal } = session;
  if (dataset.mounted) await local.run(unmount(dataset.name, { force: false }), { signal });
  if (await isAsItShouldBe(session, dataset, path)) return;
  await local.run(setProperties(dataset.name, await wantedOf(session, path)), { signal });
}
