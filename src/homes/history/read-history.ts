import { belowHome, partsOf } from '../files/choose-paths.ts';
import { RoamhomeError } from '../../errors/errors.ts';
import { isAtOrAbove } from '../mount/excluded-folders.ts';
import { observeLocal } from '../observing.ts';
import type { Session } from '../session.ts';
import { observeServer } from '../with-server.ts';
import { joinHistory, type HomeHistory } from './home-history.ts';
import type { Homes } from './with-views.ts';

/** A home's past, and the two sides that it was read from. */
export interface ReadHistory {
  readonly history: HomeHistory;
  readonly homes: Homes;
}

/** Reads both sides, with one list each; `withServer` false: this Mac's alone. Throws `home-missing`. */
export async function readHistory(session: Session, withServer: boolean): Promise<ReadHistory> {
  const { user, signal } = session;
  const [localHome, serverHome] = await Promise.all([
    observeLocal(session, 'ignore'),
    withServer ? observeServer(session, signal) : null,
  ]);
  if (localHome === null && serverHome === null) throw homeMissing(session, withServer);
  return { history: joinHistory(user, localHome, serverHome), homes: { localHome, serverHome } };
}

/** The names of a path, given below the home or from the root. Throws `usage`, also for what no snapshot has. Pure. */
export function pathInHome(word: string, mountpoint: string, { excluded }: HomeHistory): readonly string[] {
  const parts = partsOf(belowHome(word, mountpoint));
  const path = parts.join('/');
  const off = excluded.find((each) => path === each || path.startsWith(`${each}/`));
  if (off === undefined) return parts;
  throw new RoamhomeError({
    code: 'usage',
    message: `${JSON.stringify(off)} is excluded (roamhome:sync=off): no snapshot has what is in it`,
    remedy: 'There is nothing to restore it from.',
  });
}

/** Throws `usage` for a path in a folder that is excluded now: nothing of it is put into the home. Pure. */
export function requireInHome(parts: readonly string[], { user, folders }: HomeHistory): void {
  const path = parts.join('/');
  const folder = folders.find((each) => isAtOrAbove(each, path));
  if (folder === undefined) return;
  throw new RoamhomeError({
    code: 'usage',
    message: `${JSON.stringify(folder)} is excluded now: what was in it before can be restored elsewhere only`,
    remedy: `Give a folder with --to; or first \`roamhome exclude remove ${user} ${JSON.stringify(folder)}\`.`,
  });
}

function homeMissing({ user }: Session, wasAsked: boolean): RoamhomeError {
  return new RoamhomeError({
    code: 'home-missing',
    message: `there is no home of ${user} on this Mac${wasAsked ? ', nor on the server' : ''}`,
    remedy: 'Check the name, and local.root and server.root in `roamhome config show`.',
  });
}
