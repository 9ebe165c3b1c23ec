import { isRoamhomeError, RoamhomeError } from '../../errors/errors.ts';
import { shellWord } from '../../host/shell-word.ts';
import type { ZfsCommand } from '../../zfs/command.ts';
import { unmount } from '../../zfs/commands/change.ts';
import type { DatasetName } from '../../zfs/names.ts';
import type { CallOptions, SyncZfs } from '../../zfs/sync-zfs.ts';
import { followWay, type WayWanted } from './follow-way.ts';
import type { MountedAt, MountGuard } from './mount-guard.ts';
import { placeBlocked } from './place-blocked.ts';
import { mountWithKey } from '../../sync/with-key.ts';

/** A dataset that is to be mounted in a home. */
export interface MountWanted extends WayWanted {
  readonly dataset: DatasetName;
  /** The home's own, which is mounted at `top`. */
  readonly home: DatasetName;
  /** It may be mounted over what the home has there. */
  readonly mayHide: boolean;
}

type Place = Pick<MountWanted, 'dataset' | 'home' | 'top' | 'path'>;

/**
 * Mounts a dataset in a home that nobody can change meanwhile, as it is mounted read-only or where only root gets to: what is
 * proved of the way to it still holds when zfs goes it, and zfs follows symlinks. Afterwards what is mounted is compared with what was wanted,
 * and taken off where it got elsewhere. Throws `in-the-way`: it is not mounted.
 */
export async function mountProven(
  zfs: SyncZfs,
  guard: MountGuard,
  wanted: MountWanted,
  command: ZfsCommand<void>,
  options: CallOptions,
): Promise<void> {
  await requireProven(guard, wanted);
  try {
    await mountWithKey(zfs, wanted.dataset, command, options);
  } catch (error) {
    // One that was cut off may have mounted it all the same.
    await takeOffStrays(zfs, guard, wanted);
    throw error;
  }
  await requireInPlace(zfs, guard, wanted);
}

/** Throws `in-the-way` unless the place is a plain directory of the home with nothing in it. */
export async function requireProven(guard: MountGuard, wanted: MountWanted): Promise<void> {
  const why = await whyBlocked(guard, wanted);
  if (why !== null) throw placeBlocked(placeOf(wanted), why, wanted.dataset);
}

/** Why nothing may be mounted there; null: the place is plain, empty, and in the home. */
async function whyBlocked(guard: MountGuard, wanted: MountWanted): Promise<string | null> {
  const way = await followWay(guard.files, wanted);
  const name = JSON.stringify(wanted.path);
  switch (way.kind) {
    case 'blocked':
      return way.why;
    case 'missing':
      return `the home has no directory ${name}`;
    case 'there':
      if (way.isMountpoint) return `another file system is mounted at ${name}`;
      return wanted.mayHide ? null : whyHidden(await guard.countEntries(placeOf(wanted)));
  }
}

function whyHidden(entries: number): string | null {
  return entries === 0
    ? null
    : `the home has ${entries} ${entries === 1 ? 'entry' : 'entries'} there, which it would hide`;
}

/** Throws `in-the-way` unless the dataset is mounted in its place and nowhere else; what is elsewhere is taken off. */
export async function requireInPlace(zfs: SyncZfs, guard: MountGuard, wanted: Place): Promise<void> {
  const { isMissing } = await takeOffStrays(zfs, guard, wanted);
  if (isMissing)
    throw placeBlocked(
      placeOf(wanted),
      'it is not there after it was mounted: something changes mounts meanwhile',
      wanted.dataset,
    );
}

/** Where else than in its place a dataset is mounted, and whether it is not in its place, as far as the list tells. Pure. */
export function judgeMounts(
  mounts: readonly MountedAt[],
  { dataset, home, top, path }: Place,
): { readonly strays: readonly string[]; readonly isMissing: boolean } {
  // As the system writes it, which may have a longer way to it.
  const homeAt = mounts.findLast(({ source }) => source === home)?.path ?? null;
  const place = `${homeAt ?? top}/${path}`.normalize('NFC');
  const found = mounts.filter(({ source }) => source === dataset).map((each) => each.path);
  const strays = found.filter((each) => each.normalize('NFC') !== place);
  return { strays, isMissing: homeAt !== null && strays.length === found.length };
}

/** Politely, then by force; each time it is looked at again. No abort keeps it from that. */
async function takeOffStrays(
  zfs: SyncZfs,
  guard: MountGuard,
  wanted: Place,
): Promise<{ readonly isMissing: boolean }> {
  const first = judgeMounts(await guard.listMounts(), wanted);
  if (first.strays.length === 0) return first;
  zfs.observer.warning(
    zfs.host.name,
    ['zfs', 'mount', wanted.dataset],
    `it is at ${first.strays.join(', ')}`,
  );
  await zfs.run(unmount(wanted.dataset, { force: true })).catch(unlessRefused);
  let { strays } = judgeMounts(await guard.listMounts(), wanted);
  for (let attempt = 1; strays.length > 0 && attempt <= takingOff; attempt++) {
    for (const path of strays) await zfs.host.run(guard.detachArgv(path));
    ({ strays } = judgeMounts(await guard.listMounts(), wanted));
  }
  throw ledAway(
    wanted,
    first.strays,
    strays.map((path) => guard.detachArgv(path).map(shellWord).join(' ')),
  );
}

/** What is mounted several times at one place needs as many. */
const takingOff = 20;

function unlessRefused(error: unknown): void {
  if (!isRoamhomeError(error)) throw error;
}

const placeOf = ({ top, path }: Pick<WayWanted, 'top' | 'path'>): string => `${top}/${path}`;

/** `commands`: those that would take off what is there still. */
function ledAway(wanted: Place, was: readonly string[], commands: readonly string[]): RoamhomeError {
  return new RoamhomeError({
    code: 'in-the-way',
    message:
      `${wanted.dataset} was led to ${was.join(', ')} while it was being mounted at ${placeOf(wanted)}` +
      (commands.length === 0 ? ', and was taken off there' : ', AND IS STILL MOUNTED THERE'),
    remedy:
      commands.length === 0
        ? 'Run `ps -ef`, and see what runs as this user while nobody is logged in.'
        : `Run ${commands.map((command) => `\`${command}\``).join(', then ')} at once.`,
    commands,
  });
}
