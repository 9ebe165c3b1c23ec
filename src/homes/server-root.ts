import { RoamhomeError } from '../errors/errors.ts';
import type { DatasetName } from '../zfs/names.ts';

/** The server has no dataset `server.root`. */
export function serverRootMissing(root: DatasetName, server: string): RoamhomeError {
  return new RoamhomeError({
    code: 'dataset-missing',
    message: `${server} has no dataset ${root}, where homes should be (server.root)`,
    remedy: 'Correct server.root (`roamhome config show`), or run `roamhome provision server` on the server.',
  });
}
