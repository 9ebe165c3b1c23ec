import { RoamhomeError } from '../../errors/errors.ts';
import { observeHome } from '../../sync/observe.ts';
import { fetchingProperty } from '../../sync/properties.ts';
import type { Session } from '../session.ts';
import { observeLocal } from '../observing.ts';
import { conflictPlaces } from '../with-server.ts';
import { readShowingProperties } from '../../zfs/read-properties.ts';
import { childOf, parseDatasetName, type DatasetName } from '../../zfs/names.ts';
import type { SyncZfs } from '../../zfs/sync-zfs.ts';
import { planFetch } from './plan-fetch.ts';
import { noTotals, noWaiting, runPulls } from '../run-pulls.ts';
import { withLock } from '../lock/with-lock.ts';

/** What was cut once, and once more for what the server took away meanwhile; more is a bug. */
const maxRounds = 10;

/**
 * Brings a conflict that is on the server to this Mac, where it can be looked at; goes on with what an earlier run had
 * to leave. Returns the bytes that came. Throws `dataset-exists` where something else has its place.
 */
export async function fetchConflict(
  session: Session,
  names: { readonly branch: DatasetName; readonly name: string },
): Promise<{ readonly dataset: DatasetName; readonly bytes: number }> {
  const { localConflictsRoot: conflictsRoot } = conflictPlaces(session);
  const target = childOf(conflictsRoot, names.name);
  const { local, server, config, user, signal } = session;
  const [totals, patience] = [noTotals(), noWaiting()];
  const observe = (zfs: SyncZfs, root: DatasetName, properties: readonly string[] = []) =>
    observeHome(zfs, root, { tokenReader: local, properties, changes: 'ignore', signal });
  return withLock(session, 'conflicts fetch', async () => {
    await server.connect(signal);
    const showing = await readShowingProperties(local, parseDatasetName(config.local.root), { signal });
    for (let round = 1; round <= maxRounds; round++) {
      const branch = await observe(server.zfs, names.branch);
      if (branch === null) break;
      const serverHome = await observe(server.zfs, session.serverHome);
      const [here, localHome] = [
        await observe(local, target, [fetchingProperty]),
        await observeLocal(session, 'ignore'),
      ];
      const plan = planFetch(
        { branch, here, serverHome, localHome, showing, refused: patience.setbacks.refused },
        { user, conflictsRoot, target },
      );
      if (plan.taken !== null) throw takenError(plan.taken);
      if (plan.steps.length === 0) return { dataset: target, bytes: totals.pulledBytes };
      await runPulls(session, plan.steps, { serverHome, totals, patience });
    }
    throw new RoamhomeError({
      code: 'not-converging',
      message: `${names.branch} could not be brought to this Mac`,
      remedy: 'Look whether it is still on the server: `roamhome conflicts show`. Nothing is lost here.',
    });
  });
}

function takenError(dataset: DatasetName): RoamhomeError {
  return new RoamhomeError({
    code: 'dataset-exists',
    message: `${dataset} holds another line of history than the server's conflict of that name`,
    remedy: `Rename it (\`zfs rename\`), and run this again; nothing was touched.`,
  });
}
