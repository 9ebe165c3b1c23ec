import { isRoamhomeError } from '../../errors/errors.ts';
import { setProperties } from '../../zfs/commands/change.ts';
import { listFilesystems } from '../../zfs/commands/list-filesystems.ts';
import { countSnapshots } from '../../zfs/commands/count-snapshots.ts';
import { getFeatures } from '../../zfs/commands/pool.ts';
import { getProperties } from '../../zfs/commands/set-up.ts';
import { parseDatasetName, type DatasetName } from '../../zfs/names.ts';
import type { Machine } from '../machine.ts';
import { alreadySo, type Found, type Task } from '../task.ts';
import { limitColumns, limitsFrom, limitsToSet, type RootUse, type WantedLimits } from './wanted-limits.ts';

/** What bounds a dataset of homes or of branches. One that a person has set stays. */
export function rootLimitsTask(machine: Machine, dataset: DatasetName, wanted: WantedLimits): Task {
  return {
    title: `the limits of ${dataset}`,
    machine,
    look: async (signal) => {
      const use = await useOf(machine, dataset, signal);
      if (use === 'no feature') {
        const [pool = ''] = dataset.split('/');
        return {
          ...alreadySo,
          left: [
            `${pool} cannot limit what a Mac's key makes in ${dataset}: it lacks the feature filesystem_limits. Run \`zpool set feature@filesystem_limits=enabled ${pool}\`, then run this again`,
          ],
        };
      }
      return found(dataset, limitsToSet(use, wanted));
    },
  };
}

function found(dataset: DatasetName, set: Readonly<Record<string, string>>): Found {
  const pairs = Object.entries(set).map(([name, value]) => `${name}=${value}`);
  if (pairs.length === 0) return alreadySo;
  const { argv } = setProperties(dataset, set);
  return { changes: [{ kind: 'run', does: `set ${pairs.join(' and ')} on ${dataset}`, argv }], left: [] };
}

/** How much is there. A root that is still to be made is empty. */
async function useOf(
  { zfs }: Machine,
  dataset: DatasetName,
  signal: AbortSignal,
): Promise<RootUse | 'no feature'> {
  const pool = parseDatasetName(dataset.split('/')[0] ?? '');
  const feature = 'filesystem_limits';
  if ((await zfs.run(getFeatures(pool, [feature]), { signal })).get(feature) === 'disabled')
    return 'no feature';
  const { used, available } = await zfs.run(getProperties(pool, ['used', 'available']), { signal });
  const poolBytes = Number(used) + Number(available);
  const limits = await propertiesOrNone(zfs, dataset, signal);
  if (limits === null) return { poolBytes, snapshots: 0, filesystems: 0, limits: limitsFrom({}) };
  const all = await zfs.run(listFilesystems(dataset, []), { signal });
  const snapshots = await zfs.run(countSnapshots(dataset), { signal });
  return { poolBytes, snapshots, filesystems: all.length - 1, limits: limitsFrom(limits) };
}

async function propertiesOrNone(
  zfs: Machine['zfs'],
  dataset: DatasetName,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>> | null> {
  try {
    return await zfs.run(getProperties(dataset, limitColumns), { signal });
  } catch (error) {
    if (isRoamhomeError(error, 'dataset-missing')) return null;
    throw error;
  }
}
