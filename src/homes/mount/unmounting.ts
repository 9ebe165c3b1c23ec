import { isRoamhomeError, RoamhomeError } from '../../errors/errors.ts';
import { fullDiskAccessRemedy } from '../../host/full-disk-access.ts';
import { shellWord } from '../../host/shell-word.ts';
import type { Mount } from '../../platform/mounts.ts';
import { remountReadOnly, remountWritable, unmount } from '../../zfs/commands/change.ts';
import type { DatasetName } from '../../zfs/names.ts';
import { clearHome, holdersIn } from './mounts-in-home.ts';
import type { Session } from '../session.ts';

/** A retry a few seconds later often works: Spotlight lets go by then (macOS, third-party reports). */
const pauseMs = 1000;

/**
 * Unmounts the home and what is mounted below it; `force` after the polite tries. `flushed`: ZFS has written down all
 * there was to write; `unmounted`: it was not mounted. Throws `home-busy`: the home is mounted still.
 */
export async function unmountHome(
  session: Session,
  options: { readonly tries: number; readonly force: boolean },
): Promise<'flushed' | 'unmounted'> {
  session.onProgress({ kind: 'activity', activity: 'unmounting' });
  let last: Outcome = 'unmounted';
  let obstacles: readonly Mount[] = [];
  for (let attempt = 1; attempt <= options.tries; attempt++) {
    if (attempt > 1) await session.sleep(pauseMs);
    last = await tryUnmount(session, session.localHome, false);
    if (last instanceof Error && attempt === 1) {
      const { mounts, isLess } = await clearHome(session);
      obstacles = mounts;
      if (isLess) last = await tryUnmount(session, session.localHome, false);
    }
    if (!(last instanceof Error)) return last;
    if (obstacles.length > 0) break;
    session.log.warn('unmount-busy', { user: session.user, dataset: session.localHome, attempt });
  }
  if (options.force) {
    last = await tryUnmount(session, session.localHome, true);
    if (last instanceof Error) last = await forceBySystem(session, last);
    if (!(last instanceof Error)) return last;
  }
  if (obstacles.length > 0) throw mountedIn(session, obstacles, last);
  const forbidden = isRoamhomeError(last, 'permission-denied') ? last : null;
  throw new RoamhomeError({
    code: 'home-busy',
    message: forbidden?.message ?? `${session.mountpoint} cannot be unmounted: a program still uses it`,
    remedy: forbidden?.remedy ?? `End the program that \`lsof +D ${session.mountpoint}\` names.`,
    retryable: true,
    cause: last,
  });
}

/** No program's fault: only what is mounted there can be taken off. */
function mountedIn({ mountpoint }: Session, mounts: readonly Mount[], cause: unknown): RoamhomeError {
  const all = mounts.map(
    ({ source, path }) => `${source} is mounted ${path === mountpoint ? 'over' : 'in'} it, on ${path}`,
  );
  const commands = [...mounts].reverse().map(({ path }) => `umount ${shellWord(path)}`);
  return new RoamhomeError({
    code: 'home-busy',
    message: `${mountpoint} cannot be unmounted: ${all.join('; ')}`,
    remedy: `Unmount that as root: ${commands.map((command) => `\`${command}\``).join(', then ')}.`,
    commands,
    retryable: true,
    cause,
  });
}

type Outcome = 'flushed' | 'unmounted' | RoamhomeError;

/**
 * A home with others mounted in it is made read-only for that: where it is busy, zfs has unmounted them before it, and mounts them again by their
 * paths, which its user could have made lead elsewhere meanwhile (seen on 2.3.2). The error only when it is busy; any other is thrown.
 */
async function tryUnmount(session: Session, dataset: DatasetName, force: boolean): Promise<Outcome> {
  const holders = holdersIn(await session.platform.listMounts(), session);
  const still: DatasetName[] = [];
  let outcome: Outcome | null = null;
  try {
    for (const name of holders) {
      if (!(await holdStill(session, name))) return busyToWrite(session);
      still.push(name);
    }
    outcome = await unmountNow(session, dataset, force);
    return outcome;
  } finally {
    // Those that are mounted still.
    if (outcome === null || outcome instanceof Error)
      for (const name of still.reverse()) await letGo(session, name);
  }
}

/** False: a program has a file open there to write. Where the system knows no such remount, nothing is held still. */
async function holdStill({ local, signal }: Session, name: DatasetName): Promise<boolean> {
  try {
    await local.run(remountReadOnly(name), { signal });
  } catch (error) {
    if (isRoamhomeError(error, 'dataset-busy')) return false;
    if (!isRoamhomeError(error)) throw error;
    local.observer.warning(local.host.name, remountReadOnly(name).argv, error.message);
  }
  return true;
}

/** Without a signal: an abort ends the work, not this. */
async function letGo({ local }: Session, name: DatasetName): Promise<void> {
  try {
    await local.run(remountWritable(name));
  } catch (error) {
    if (!isRoamhomeError(error)) throw error;
    local.observer.warning(local.host.name, remountWritable(name).argv, error.message);
  }
}

function busyToWrite({ mountpoint }: Session): RoamhomeError {
  return new RoamhomeError({
    code: 'dataset-busy',
    message: `a program has a file open to write in ${mountpoint}`,
    remedy: `End the program that \`lsof +D ${mountpoint}\` names.`,
    retryable: true,
  });
}

async function unmountNow(session: Session, dataset: DatasetName, force: boolean): Promise<Outcome> {
  try {
    await session.local.run(unmount(dataset, { force }), { signal: session.signal });
    return 'flushed';
  } catch (error) {
    if (isRoamhomeError(error, 'not-mounted')) return 'unmounted';
    // It is there; but of one below it zfs says so that is mounted where no path leads.
    if (isRoamhomeError(error, 'dataset-missing'))
      return error.message.includes(" unmount '/") ? error : 'unmounted';
    if (isRoamhomeError(error, 'dataset-busy')) return error;
    throw error;
  }
}

/** The system's own way, where it has one that zfs does not use; `busy` when it fails too. */
async function forceBySystem(session: Session, busy: RoamhomeError): Promise<Outcome> {
  const argv = session.platform.forceUnmountArgv?.(session.mountpoint);
  if (argv === undefined) return busy;
  const result = await session.local.host.run(argv, { signal: session.signal });
  if (result.exitCode === 0) return 'flushed';
  const remedy =
    session.platform.kind === 'macos' ? fullDiskAccessRemedy(`${result.stderr}${result.stdout}`) : null;
  if (remedy === null) return busy;
  const message = `macOS does not let root unmount ${session.mountpoint}: Operation not permitted`;
  return new RoamhomeError({ code: 'permission-denied', message, remedy, cause: busy });
}
