import { makePrivatePlace, removePrivatePlaces } from '../mount/private-place.ts';
import { noTotals, noWaiting, runPulls } from '../run-pulls.ts';
import { RoamhomeError } from '../../errors/errors.ts';
import type { HomeState } from '../../sync/home-state.ts';
import { sendFlagsOf } from '../../sync/plan.ts';
import { mountWithKey } from '../../sync/with-key.ts';
import { tidyAfter } from '../mount/tidy-after.ts';
import { observeLocalAt } from '../observing.ts';
import type { Session } from '../session.ts';
import { planOptions } from '../with-server.ts';
import { mountReadOnly, setProperties } from '../../zfs/commands/change.ts';
import { readShowingProperties } from '../../zfs/read-properties.ts';
import { parseDatasetName, type Guid } from '../../zfs/names.ts';
import { isWhole, planViews, viewOf, viewsOf, type WantedView } from './plan-views.ts';
import { removeViews } from './remove-views.ts';

/** A stream that was cut and is gone on with, and one more that cannot be; what takes longer is a bug. */
const maxRounds = 10;

export interface Homes {
  readonly localHome: HomeState | null;
  readonly serverHome: HomeState | null;
}

/**
 * Runs a task on the files of snapshots, each mounted read-only at a private place, by the snapshot's guid. What this
 * Mac does not have comes from the server first.
 *
 * Not through `.zfs/snapshot` in the home: that path leads through directories of the user's, who could have root
 * read another file in its place. All is destroyed afterwards, but for what was cut on its way here, which the
 * next run for the same snapshot goes on with. To be called with the user's lock.
 */
export async function withViews<T>(
  session: Session,
  wanted: readonly WantedView[],
  homes: Homes,
  task: (mounts: ReadonlyMap<Guid, string>) => Promise<T>,
): Promise<T> {
  const { local, config, signal } = session;
  const views = viewsOf(config.local.conflictsRoot, session.user);
  const names = new Set<string>(wanted.map((one) => viewOf(views, one)));
  const observe = () => observeLocalAt(session, views, 'ignore');
  const found = (await observe())?.datasets.filter(({ path }) => path !== '') ?? [];
  const kept = found.filter(({ name, partial }) => names.has(name) && partial !== null);
  await removeViews(
    local,
    found.filter((view) => !kept.includes(view)),
  );
  const look = async (): Promise<T> => {
    await makeViews(session, wanted, homes);
    const place = await makePrivatePlace(config.local.stateDir);
    const mounts = new Map<Guid, string>();
    for (const [index, one] of wanted.entries()) {
      const mountpoint = `${place}/${index}`;
      const name = viewOf(views, one);
      await local.run(setProperties(name, { mountpoint }), { signal });
      await mountWithKey(local, name, mountReadOnly(name), { signal });
      mounts.set(one.snapshot.guid, mountpoint);
    }
    return task(mounts);
  };
  const tidy = async (): Promise<void> => {
    const left = await observeLocalAt({ ...session, signal: new AbortController().signal }, views, 'ignore');
    await removeViews(local, left?.datasets.filter((view) => names.has(view.name) && isWhole(view)) ?? []);
    await removePrivatePlaces(config.local.stateDir);
  };
  return tidyAfter(look, tidy, (error) => {
    session.log.warn('views-not-removed', { user: session.user, error });
  });
}

async function makeViews(session: Session, wanted: readonly WantedView[], homes: Homes): Promise<void> {
  const { local, config, signal } = session;
  const views = viewsOf(config.local.conflictsRoot, session.user);
  const showing = await readShowingProperties(local, parseDatasetName(config.local.root), { signal });
  const { defaultFlags, newHome } = planOptions(session, 'login', homes.serverHome);
  const raw = sendFlagsOf(homes.serverHome, { defaultFlags }) === 'w' ? newHome?.raw : undefined;
  const [totals, patience] = [noTotals(), noWaiting()];
  for (let round = 1; round <= maxRounds; round++) {
    const there = await observeLocalAt(session, views, 'ignore');
    const steps = planViews(
      wanted,
      { ...homes, views, there, refused: patience.setbacks.refused },
      { showing, raw: raw ?? {} },
    );
    if (steps.length === 0) return;
    await runPulls(session, steps, { serverHome: homes.serverHome, totals, patience });
  }
  throw new RoamhomeError({
    code: 'not-converging',
    message: `the snapshots of ${session.user}'s home cannot be made to look at, in ${views}`,
    remedy: 'Nothing was changed in the home. Please report this, with the log.',
  });
}
