import { isRoamhomeError } from '../../errors/errors.ts';
import type { Host } from '../../host/host.ts';
import { isFuse, type Mount } from '../../platform/mounts.ts';
import type { HomeState } from '../../sync/home-state.ts';
import { unmount } from '../../zfs/commands/change.ts';
import type { DatasetName } from '../../zfs/names.ts';
import type { Session } from '../session.ts';

/** A file system that does not answer must not keep a login or a logout. */
const patienceMs = 2000;

type Place = Pick<Session, 'localHome' | 'mountpoint'>;

/** A dataset of the home, or a snapshot of one that somebody has looked into: zfs unmounts these with it. Pure. */
function isOwn({ source, type }: Mount, { localHome }: Place): boolean {
  return (
    type === 'zfs' &&
    [localHome, `${localHome}/`, `${localHome}@`].some((own, index) =>
      index === 0 ? source === own : source.startsWith(own),
    )
  );
}

/** What else is mounted in the home, or over it: the home cannot be unmounted around it. Pure. */
export function mountsInHome(mounts: readonly Mount[], place: Place): readonly Mount[] {
  const { mountpoint } = place;
  return mounts.filter(
    (each) => (each.path === mountpoint || each.path.startsWith(`${mountpoint}/`)) && !isOwn(each, place),
  );
}

/** The datasets of the home in which others of it are mounted, those above first. Pure. */
export function holdersIn(mounts: readonly Mount[], place: Place): readonly DatasetName[] {
  const own = mounts.filter((each) => isOwn(each, place) && !each.source.includes('@'));
  return own
    .filter((each) => own.some(({ path }) => path.startsWith(`${each.path}/`)))
    .map(({ source }) => source as DatasetName);
}

/**
 * The datasets below the home that were mounted before it, and lie hidden below it: no path leads to them. Where the system
 * does not say what a mount lies in, none. Pure.
 */
export function hiddenBelow(mounts: readonly Mount[], place: Place): readonly string[] {
  const own = mounts.filter((each) => isOwn(each, place) && each.id !== null);
  const home = own.find(({ source, path }) => source === place.localHome && path === place.mountpoint);
  if (home === undefined) return [];
  const ids = new Set(own.map(({ id }) => id));
  return own
    .filter(
      (each) => each !== home && each.path.startsWith(`${place.mountpoint}/`) && !ids.has(each.parentId),
    )
    .map(({ source }) => source);
}

/**
 * Unmounts datasets below a home that is not mounted itself: made while nobody was logged in, say. The home would be mounted over
 * them, and could not be unmounted any more. True: there were some.
 */
export async function unmountStrays(session: Session, home: HomeState): Promise<boolean> {
  const { local, signal, mountpoint, mountpoints } = session;
  const all = [...home.datasets, ...home.excluded];
  if (all.some(({ name, mounted }) => name === home.root && mounted)) return false;
  // Those below first.
  const strays = all.filter(({ mounted }) => mounted).sort((a, b) => (a.name < b.name ? 1 : -1));
  for (const { name, properties } of strays) {
    await local.run(unmount(name, { force: false }), { signal });
    const path = properties['mountpoint'] ?? '-';
    // zfs made it below the home's place. One that is not empty stays, and the mount of the home tells of it.
    if (path.startsWith(`${mountpoint}/`)) await mountpoints.removeEmpty(path);
  }
  return strays.length > 0;
}

/** What is in the way of unmounting, after what can be done about it by itself. */
export interface Obstacles {
  readonly mounts: readonly Mount[];
  /** Something was taken off: it is worth another try. */
  readonly isLess: boolean;
}

/** Takes off what nobody answers for any more, uncovers what is hidden, and names the rest. */
export async function clearHome(session: Session): Promise<Obstacles> {
  const { platform, log, user } = session;
  const found = mountsInHome(await platform.listMounts(), session);
  const fuse = found.filter(isFuse);
  // With the user's rights: what they put in the way of a name leads nowhere that they could not unmount themselves.
  const account = fuse.length === 0 ? null : await platform.findAccount(user);
  const host = account === null ? null : session.hostAs(account);
  let isOff = false;
  for (const { path, source } of [...fuse].reverse()) {
    if (host === null || !(await isDead(session, host, path))) continue;
    isOff = true;
    const exitCode = await takeOff(session, host, path);
    log.warn('dead-mount', { user, path, source, exitCode });
  }
  const uncovered = await uncover(session);
  const left = isOff ? mountsInHome(await platform.listMounts(), session) : found;
  return { mounts: left, isLess: uncovered || left.length < found.length };
}

/** FUSE without its program: on Linux ENOTCONN, on macOS ENXIO. One that is slow is not dead. */
async function isDead({ signal }: Session, host: Host, path: string): Promise<boolean> {
  try {
    const { exitCode, stderr } = await host.run(['stat', path], { signal, timeoutMs: patienceMs });
    return exitCode !== 0 && /not connected|Device not configured/.test(stderr);
  } catch (error) {
    if (isRoamhomeError(error, 'timed-out')) return false;
    throw error;
  }
}

/** By the first of the system's commands that can; its exit code, or null: there is none of them. */
async function takeOff({ platform, signal }: Session, host: Host, path: string): Promise<number | null> {
  let exitCode: number | null = null;
  for (const argv of platform.unmountOwnArgvs(path)) {
    try {
      ({ exitCode } = await host.run(argv, { signal, timeoutMs: patienceMs }));
    } catch (error) {
      if (!isRoamhomeError(error, 'timed-out', 'command-failed')) throw error;
    }
    if (exitCode === 0) break;
  }
  return exitCode;
}

/** By the system's own umount: zfs would unmount what is hidden first, by a path that leads elsewhere. */
async function uncover(session: Session): Promise<boolean> {
  const { platform, local, mountpoint, signal } = session;
  const hidden = hiddenBelow(await platform.listMounts(), session);
  if (hidden.length === 0) return false;
  const { exitCode } = await local.host.run(['umount', mountpoint], { signal });
  if (exitCode !== 0) return false;
  for (const name of [...hidden].sort().reverse())
    await local.run(unmount(name as DatasetName, { force: false }), { signal });
  return true;
}
