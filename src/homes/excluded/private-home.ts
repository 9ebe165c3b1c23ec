import type { HomeState } from '../../sync/home-state.ts';
import { requireInPlace } from '../mount/mount-proven.ts';
import { mountWithKey } from '../../sync/with-key.ts';
import { leavePlace } from '../mount/folder-dataset.ts';
import { wayTo } from '../mount/folder-way.ts';
import { placeBlocked } from '../mount/place-blocked.ts';
import { hasPlaceNow } from '../mount/has-place-now.ts';
import { guardOf } from '../mount/session-guard.ts';
import type { Session } from '../session.ts';
import { tidyAfter } from '../mount/tidy-after.ts';
import { mount, setProperties } from '../../zfs/commands/change.ts';

/**
 * Runs a task on the files of a home, mounted where nobody but root gets to: what its user has put in it stays as it is
 * meanwhile. A killed run leaves it there; the next login mounts it in its own place again.
 */
export async function withPrivateHome<T>(
  session: Session,
  home: HomeState,
  task: (top: string) => Promise<T>,
): Promise<T> {
  const { local, folders, mountpoint, signal } = session;
  const top = `${await folders.makePrivatePlace()}/home`;
  const work = async (): Promise<T> => {
    // Those would be mounted by what sets the home's mountpoint, before the home is.
    for (const { name, path, mounted, properties } of home.datasets)
      if (path !== '' && !mounted && properties['canmount'] === 'on')
        await local.run(setProperties(name, { canmount: 'noauto' }), { signal });
    await local.run(setProperties(home.root, { mountpoint: top }), { signal });
    await mountWithKey(local, home.root, mount(home.root), { signal });
    for (const dataset of home.datasets) {
      const { name, path } = dataset;
      if (path === '' || !(await hasPlaceNow(session, dataset))) continue;
      const way = await wayTo(session, home, top, path);
      if (way.kind === 'blocked') throw placeBlocked(path, way.why);
      await mountWithKey(local, name, mount(name), { signal });
      await requireInPlace(local, guardOf(session), { dataset: name, home: home.root, top, path });
    }
    return task(top);
  };
  const tidy = async (): Promise<void> => {
    if (await leavePlace(session, home.root, top)) await local.run(setProperties(home.root, { mountpoint }));
    await folders.removePrivatePlaces();
  };
  return tidyAfter(work, tidy, (error) => {
    session.log.warn('private-home-left', { user: session.user, dataset: home.root, error });
  });
}
