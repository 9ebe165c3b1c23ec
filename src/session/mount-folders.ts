import { RoamhomeError } from '../errors/errors.ts';
import type { Account } from '../platform/platform.ts';
import { folderDataset, folderOf, foldersHere, type FolderList } from '../replication/excluded-folders.ts';
import type { HomeState } from '../replication/home-state.ts';
import { mountWithKey } from '../replication/with-key.ts';
import { mount, setProperties, unmount } from '../zfs/commands/change.ts';
import type { Dataset } from '../zfs/version.ts';
import {
  completeFolder,
  createFolderDataset,
  isHalfFilled,
  mountedPrivately,
  mountpointOf,
} from './folder-dataset.ts';
import { blockedError, wayTo, type Way } from './folder-way.ts';
import type { Findings } from './report.ts';
import type { Session } from './session.ts';

/**
 * Mounts the excluded folders in the home, which is mounted, and makes those that are on the list and not on this Mac yet.
 * `list`: the server's; null: it was not asked, and what is here holds. A folder that cannot be mounted is told, and stops
 * nothing: it is an ordinary one then.
 */
export async function mountFolders(
  session: Session,
  home: HomeState,
  list: FolderList | null,
  { account, findings }: { readonly account: Account; readonly findings: Findings },
): Promise<void> {
  const here = foldersHere(home);
  for (const wrong of list?.wrong ?? [])
    findings.warn(`the list of excluded folders has ${JSON.stringify(wrong.slice(0, 100))}, which is none`);
  const wanted = list?.folders ?? here;
  for (const path of wanted) {
    await findings.attempt(async () => {
      const warning = await mountFolder(session, home, path, account);
      if (warning !== null) findings.warn(warning);
    });
  }
  for (const path of here.filter((each) => !wanted.includes(each))) {
    findings.warn(
      `${JSON.stringify(path)} is not excluded any more; what this Mac has of it is kept in ${folderDataset(home.root, path)}: ` +
        `\`roamhome exclude remove ${session.user} PATH\` here, after the logout, brings it into the home`,
    );
  }
}

/** Returns why it was left an ordinary folder; null: it is mounted. */
async function mountFolder(
  session: Session,
  home: HomeState,
  path: string,
  account: Account,
): Promise<string | null> {
  const { user, mountpoint, mountpoints, folders, signal } = session;
  const name = folderDataset(home.root, path);
  const dataset = home.excluded.find((each) => each.name === name);
  const isComplete = dataset !== undefined && folderOf(home.root, dataset) === path;
  const place = `${mountpoint}/${path}`;
  const way = await wayTo(session, home, mountpoint, path);
  if (way.kind === 'blocked') throw blockedError(path, way.why);
  if (!isComplete && way.kind === 'there' && (await mountpoints.countEntries(place)) > 0) {
    return (
      `${JSON.stringify(path)} is to be excluded, but the home has files in it: it is synced until ` +
      `\`roamhome exclude add ${user} PATH\` here, after the logout, has moved them out`
    );
  }
  await makeMissing(session, way, account);
  if (!isComplete) {
    if (dataset === undefined) await createFolderDataset(session, name);
    // A run that was killed may have left it mounted.
    else if (dataset.mounted) await session.local.run(unmount(name, { force: false }), { signal });
    const isPart = await mountedPrivately(session, name, async (mounted) => {
      // What a run that was killed has copied, of files that were removed since: they must not come back.
      if (dataset !== undefined && isHalfFilled(dataset) && (await mountpoints.countEntries(mounted)) > 0)
        return true;
      await folders.copyTree(place, mounted, signal);
      return false;
    });
    if (isPart)
      return (
        `${JSON.stringify(path)} is to be excluded, but ${name} holds a part of a copy of it, of a run that was cut short: it stays an ` +
        `ordinary folder until \`roamhome exclude add ${user} PATH\` here, after the logout, has made it anew`
      );
    await completeFolder(session, name, path);
  } else if (!(await isAsItShouldBe(session, dataset, path))) {
    await putRight(session, dataset, path);
  } else if (dataset.mounted) {
    return null;
  }
  await mountInHome(session, home, path);
  return null;
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
async function putRight(session: Session, { name, mounted }: Dataset, path: string): Promise<void> {
  const { local, signal } = session;
  if (mounted) await local.run(unmount(name, { force: false }), { signal });
  await local.run(setProperties(name, await wantedOf(session, path)), { signal });
}

async function makeMissing(session: Session, way: Way, account: Account): Promise<void> {
  if (way.kind !== 'missing') return;
  let at = way.below;
  for (const name of way.names) {
    at = `${at}/${name}`;
    await session.folders.makeDirectory(at, account, session.signal);
  }
}

/** A mount follows symlinks. Nobody is logged in yet, but something of the user's may run: looked at before, and after. */
async function mountInHome(session: Session, home: HomeState, path: string): Promise<void> {
  const { local, mountpoint, mountpoints, signal } = session;
  const name = folderDataset(home.root, path);
  const before = await wayTo(session, home, mountpoint, path);
  if (before.kind !== 'there') throw blockedError(path, 'what leads to it has changed meanwhile');
  await mountWithKey(local, name, mount(name), { signal });
  const after = await wayTo(session, home, mountpoint, path);
  if (after.kind === 'there' && (await mountpoints.isMountpoint(`${mountpoint}/${path}`))) return;
  await local.run(unmount(name, { force: false }), { signal });
  throw new RoamhomeError({
    code: 'in-the-way',
    message: `${JSON.stringify(path)} of the home was changed while it was being mounted: its dataset is not mounted`,
    remedy: `Look at what runs as ${session.user} while nobody is logged in.`,
  });
}
