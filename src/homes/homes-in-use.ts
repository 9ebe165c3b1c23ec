import type { Config } from '../config/schema.ts';
import type { HomeState } from '../sync/home-state.ts';
import { listMounts } from '../zfs/commands/list.ts';
import { isUserName, parseDatasetName } from '../zfs/names.ts';
import type { SyncZfs } from '../zfs/sync-zfs.ts';
import type { Session } from './session.ts';

/** The users whose homes are mounted on this machine where homes are mounted. Throws when there is no local.root. */
export async function usersInUse(
  zfs: SyncZfs,
  { local }: Pick<Config, 'local'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const root = parseDatasetName(local.root);
  const listed = await zfs.run(listMounts(root), { signal });
  return listed.flatMap(({ name, mounted, mountpoint }) => {
    const user = name.slice(root.length + 1);
    return mounted && isUserName(user) && mountpoint === mountpointOf(local, user) ? [user] : [];
  });
}

/** Where a user's home is mounted: `/Users/alice`. */
export function mountpointOf({ homeBase }: Config['local'], user: string): string {
  return `${homeBase}/${user}`;
}

/** True when somebody can write in the home: not while a run has it read-only, or somewhere else, to look at it. */
export function isInUse({ mountpoint }: Session, home: HomeState): boolean {
  const root = home.datasets.find(({ name }) => name === home.root);
  return (
    root?.mounted === true &&
    root.properties['readonly'] !== 'on' &&
    root.properties['mountpoint'] === mountpoint
  );
}
