import { isRoamhomeError } from '../errors/errors.ts';
import { isOutOfDate, type HomeState } from '../sync/home-state.ts';
import { unchangedProperty } from '../sync/properties.ts';
import { unchangedMark } from './snapshots/unchanged-mark.ts';
import { setProperties } from '../zfs/commands/change.ts';
import { observeLocal } from './observing.ts';
import type { Session } from './session.ts';

/**
 * Notes of a home at rest, which was only written to, that no file of its user's changed: for who looks at it later. It decides nothing.
 * `home`: as it was judged. What the mounts for that have written shows only now.
 */
export async function keepProof(session: Session, home: HomeState): Promise<void> {
  const { local, log, user, signal } = session;
  const isProved = ({ datasets }: HomeState): boolean =>
    datasets.every(({ change, mounted }) => change !== 'files' && !mounted);
  if (!isProved(home)) return;
  try {
    const now = isOutOfDate(home) ? await observeLocal(session, 'ignore') : home;
    if (now === null || !isProved(now)) return;
    const { root, datasets } = now;
    const mark = unchangedMark(datasets);
    const known = datasets.find(({ name }) => name === root)?.properties[unchangedProperty];
    if (known === mark || datasets.every(({ written }) => written === 0n)) return;
    await local.run(setProperties(root, { [unchangedProperty]: mark }), { signal });
  } catch (error) {
    if (!isRoamhomeError(error)) throw error;
    log.warn('proof-not-kept', { user, dataset: home.root, error });
  }
}
