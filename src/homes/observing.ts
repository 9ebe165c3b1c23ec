import type { HomeState } from '../sync/home-state.ts';
import { observeHome } from '../sync/observe.ts';
import type { DatasetName } from '../zfs/names.ts';
import { homeProperties, type Session } from './session.ts';

/** This Mac's side as it is now; null: it has no such home. */
export async function observeLocal(
  session: Session,
  changes: 'assume-files' | 'ignore',
): Promise<HomeState | null> {
  return observeLocalAt(session, session.localHome, changes);
}

/** A dataset of this Mac and all below it, read as a home. */
export async function observeLocalAt(
  session: Session,
  root: DatasetName,
  changes: 'assume-files' | 'ignore',
): Promise<HomeState | null> {
  const { local, signal } = session;
  return observeHome(local, root, {
    tokenReader: local,
    properties: homeProperties(session),
    changes,
    signal,
  });
}
