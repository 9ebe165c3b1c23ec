import type { LoadedConfig } from '../config/merge.ts';
import type { Config } from '../config/schema.ts';
import { isRoamhomeError, RoamhomeError } from '../errors/errors.ts';
import type { Machine } from '../install/machine.ts';
import { weakFiles } from '../host/others-can-change.ts';
import { listVolumes } from '../zfs/commands/list.ts';
import { examinePool, getFeatures, listFeatureNames, listPool, poolAltroot } from '../zfs/commands/pool.ts';
import { zfsVersions } from '../zfs/commands/zfs-version.ts';
import { parseDatasetName, type DatasetName } from '../zfs/names.ts';
import type { SyncZfs } from '../zfs/sync-zfs.ts';
import type { InstallState } from './checks/jobs.ts';
import type { PoolState } from './checks/zfs.ts';
import type { Questions } from './fact.ts';
import type { MachineKnown } from './known.ts';
import { lookAtDirectory, troubleWithFile } from './own-files.ts';

/** What any machine is looked at with. */
export interface MachineTools {
  readonly config: Config;
  /** The same, with what is wrong in it. */
  readonly loaded: LoadedConfig;
  readonly isServer: boolean;
  /** This machine's. */
  readonly zfs: SyncZfs;
  /** Whose jobs and hooks are looked at; throws `usage` when this Roamhome is not one that can be installed. */
  readonly machine: () => Machine;
  readonly observeInstall: () => Promise<InstallState>;
  /** What root runs, by paths. */
  readonly programs: () => readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

async function featuresOf(
  pool: string,
  { zfs, signal }: Pick<MachineTools, 'zfs' | 'signal'>,
): Promise<ReadonlyMap<string, string>> {
  const names = await zfs.run(listFeatureNames(pool), { signal });
  return names.length === 0 ? new Map() : zfs.run(getFeatures(pool, names), { signal });
}

async function lookAtPool(name: string, { zfs, signal }: MachineTools): Promise<PoolState> {
  try {
    const [space, trouble, features, altroot] = await Promise.all([
      zfs.run(listPool(name), { signal }),
      zfs.run(examinePool(name), { signal }),
      featuresOf(name, { zfs, signal }),
      zfs.run(poolAltroot(name), { signal }),
    ]);
    return { name, ...space, trouble, features, altroot };
  } catch (error) {
    if (!isRoamhomeError(error, 'dataset-missing', 'pool-not-imported')) throw error;
    throw new RoamhomeError({
      code: 'pool-not-imported',
      message: `the pool ${name} is not imported`,
      remedy: `Connect its disks, then \`zpool import ${name}\``,
      commands: [`zpool import ${name}`],
      cause: error,
    });
  }
}

/** Below a root; none where that is not there. */
async function volumesBelow(root: string, { zfs, signal }: MachineTools): Promise<readonly DatasetName[]> {
  try {
    return await zfs.run(listVolumes(parseDatasetName(root)), { signal });
  } catch (error) {
    if (isRoamhomeError(error, 'dataset-missing')) return [];
    throw error;
  }
}

/** The names of the pools that the roots are in. */
function poolsOf(roots: readonly string[]): readonly string[] {
  return [...new Set(roots.map((root) => root.split('/', 1)[0] ?? ''))];
}

/** What any machine is asked. Nothing is changed by it. */
export const machineQuestions: Questions<MachineTools, MachineKnown> = {
  config: ({ config }) => config,
  settings: ({ loaded }) => loaded,
  now: ({ now }) => now(),
  zfs: ({ zfs, signal }) => zfs.run(zfsVersions, { signal }),
  pools: async (tools) => {
    const { root, conflictsRoot } = tools.config[tools.isServer ? 'server' : 'local'];
    return Promise.all(poolsOf([root, conflictsRoot]).map((name) => lookAtPool(name, tools)));
  },
  volumes: async (tools) => {
    const { root, conflictsRoot } = tools.config[tools.isServer ? 'server' : 'local'];
    const roots = [...new Set([root, conflictsRoot])];
    return (await Promise.all(roots.map((one) => volumesBelow(one, tools)))).flat();
  },
  install: ({ observeInstall }) => observeInstall(),
  weak: ({ programs }) => weakFiles(programs()),
  logTrouble: ({ config }) => troubleWithFile(config.log.file),
  directories: async ({ config, isServer }) => {
    const { stateDir, spoolDir } = config.local;
    return Promise.all((isServer ? [stateDir] : [stateDir, spoolDir]).map(lookAtDirectory));
  },
};
