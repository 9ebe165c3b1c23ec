import type { MountGuard } from './mount-guard.ts';
import type { Session } from '../session.ts';

/** What a session's machine says of its mounts. */
export function guardOf({
  platform,
  files,
  mountpoints,
}: Pick<Session, 'platform' | 'files' | 'mountpoints'>): MountGuard {
  return {
    files,
    listMounts: () => platform.listMounts(),
    countEntries: (path) => mountpoints.countEntries(path),
    detachArgv: platform.detachArgv,
  };
}
