import type { LoadedConfig } from '../config/merge.ts';
import { isRoamhomeError } from '../errors/errors.ts';
import { listMounts, type MountState } from '../zfs/commands/list.ts';
import { isUserName } from '../zfs/names.ts';
import type { SyncZfs } from '../zfs/sync-zfs.ts';

/** Where a value came from that the machine itself has told. */
const source = 'the mount table';

/**
 * Where local.root or local.homeBase is wrong, what the machine knows of it: the dataset that is, or was last, mounted for the
 * user. `user` null: all who are at work here. The configuration as it is when nothing or more than one place is found.
 */
export async function locateHome(
  loaded: LoadedConfig,
  user: string | null,
  zfs: SyncZfs,
): Promise<LoadedConfig> {
  const { config, replaced, origins } = loaded;
  const lost = (['local.root', 'local.homeBase'] as const).filter((key) => replaced.has(key));
  if (lost.length === 0) return loaded;
  let mounts: readonly MountState[];
  try {
    mounts = await zfs.run(listMounts(null));
  } catch (error) {
    // No zfs, no pool: whatever comes next says so.
    if (!isRoamhomeError(error)) throw error;
    return loaded;
  }
  const found = placeOf(mounts, user, {
    root: replaced.has('local.root') ? null : config.local.root,
    homeBase: replaced.has('local.homeBase') ? null : config.local.homeBase,
  });
  if (found === null) return loaded;
  return {
    ...loaded,
    config: { ...config, local: { ...config.local, ...found } },
    origins: new Map([...origins, ...lost.map((key) => [key, source] as const)]),
    replaced: new Set([...replaced].filter((key) => key !== 'local.root' && key !== 'local.homeBase')),
  };
}

interface Place {
  readonly root: string;
  readonly homeBase: string;
}

/** The one place that homes are in, by those that look like homes; null: none, or several. Pure. */
export function placeOf(
  mounts: readonly MountState[],
  user: string | null,
  known: { readonly [Key in keyof Place]: string | null },
): Place | null {
  const homes = mounts.flatMap(({ name, mounted, mountpoint }) => {
    const [root, last] = split(name);
    const [homeBase, place] = split(mountpoint);
    const isHome =
      isUserName(last) && last === place && (user === null ? mounted : last === user) && homeBase !== '';
    const fits = (known.root ?? root) === root && (known.homeBase ?? homeBase) === homeBase;
    return isHome && fits ? [{ root, homeBase, mounted }] : [];
  });
  const best = homes.some(({ mounted }) => mounted) ? homes.filter(({ mounted }) => mounted) : homes;
  const [first, ...others] = best;
  if (first === undefined) return null;
  const { root, homeBase } = first;
  return others.every((one) => one.root === root && one.homeBase === homeBase) ? { root, homeBase } : null;
}

function split(path: string): readonly [parent: string, last: string] {
  const at = path.lastIndexOf('/');
  return [path.slice(0, Math.max(0, at)), path.slice(at + 1)];
}
