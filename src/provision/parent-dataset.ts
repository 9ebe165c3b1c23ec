import { isRoamhomeError, RoamhomeError } from '../errors/errors.ts';
import { homePropertiesEverywhere } from '../platform/home-properties.ts';
import { setProperties } from '../zfs/commands/change.ts';
import { nameRules, otherNameRules } from '../platform/name-rules.ts';
import { createDataset, getProperties } from '../zfs/commands/set-up.ts';
import { parseDatasetName, type DatasetName } from '../zfs/names.ts';
import type { Machine } from './machine.ts';
import type { Change, Found, Task } from './task.ts';

/** A dataset below which the homes are, or what was set aside. */
export interface WantedParent {
  readonly dataset: DatasetName;
  /** With which it is made. */
  readonly properties: Readonly<Record<string, string>>;
  /** What a person should know once it was made. */
  readonly hint?: string;
}

/** What every system has of them. Pure. */
export const parentProperties: Readonly<Record<string, string>> = {
  canmount: 'off',
  mountpoint: 'none',
  compression: 'lz4',
  ...homePropertiesEverywhere,
};

/** Sees to it that there is such a dataset. `poolToCome`: an earlier task makes the pool. */
export function parentDatasetTask(
  machine: Machine,
  wanted: WantedParent,
  { poolToCome }: { readonly poolToCome: boolean },
): Task {
  return {
    title: `the dataset ${wanted.dataset}`,
    machine,
    look: async (signal) => {
      const pool = parseDatasetName(wanted.dataset.split('/')[0] ?? '');
      if (!(await machine.zfs.exists(pool, { signal })) && !poolToCome) throw poolMissing(machine, pool);
      const fixed = nameRules.filter((name) => wanted.properties[name] !== undefined);
      const names = [...Object.keys(parentProperties), ...fixed];
      try {
        return compareParent(wanted, await machine.zfs.run(getProperties(wanted.dataset, names), { signal }));
      } catch (error) {
        if (isRoamhomeError(error, 'dataset-missing'))
          return { changes: [creation(wanted)], left: wanted.hint === undefined ? [] : [wanted.hint] };
        throw error;
      }
    },
  };
}

function creation({ dataset, properties }: WantedParent): Change {
  const { argv } = createDataset(dataset, properties);
  return { kind: 'run', does: `make the dataset ${dataset}`, argv };
}

/**
 * What is to be done to one that is there. Whether and where it is mounted is inherited by homes that may be in use: that
 * is left to a person. Another compression is an admin's choice. Pure.
 */
export function compareParent(
  { dataset, properties }: WantedParent,
  there: Readonly<Record<string, string>>,
): Found {
  const set: Readonly<Record<string, string>> = {
    ...Object.fromEntries(
      Object.entries(homePropertiesEverywhere).filter(([name, value]) => there[name] !== value),
    ),
    ...(there['compression'] === 'off' ? { compression: 'lz4' } : {}),
  };
  const pairs = Object.entries(set).map(([name, value]) => `${name}=${value}`);
  const mounted = [
    ...(there['canmount'] === 'on' ? ['canmount=off'] : []),
    ...(['none', 'legacy'].includes(there['mountpoint'] ?? '') ? [] : ['mountpoint=none']),
  ];
  const other = otherNameRules(there, properties);
  return {
    changes:
      pairs.length === 0
        ? []
        : [
            {
              ...{ kind: 'run', does: `set ${pairs.join(' and ')} on ${dataset}` },
              argv: setProperties(dataset, set).argv,
            },
          ],
    left: [
      ...(other === null ? [] : [fixedOtherwise(dataset, other, properties)]),
      ...(mounted.length === 0
        ? []
        : there['canmount'] !== 'on'
          ? [
              `a home below ${dataset} that has no mountpoint of its own gets one below ${there['mountpoint'] ?? '?'}; when nobody is logged in: zfs set ${mounted.join(' ')} ${dataset}`,
            ]
          : [
              `${dataset} is one that is mounted (at ${there['mountpoint'] ?? '?'}); when nobody is logged in, and each home ` +
                `below has a mountpoint of its own: zfs set ${mounted.join(' ')} ${dataset}`,
            ]),
    ],
  };
}

/** Nothing changes it afterwards, and what is below keeps what it was made with. */
function fixedOtherwise(
  dataset: DatasetName,
  other: string,
  properties: Readonly<Record<string, string>>,
): string {
  const wanted = nameRules.flatMap((name) =>
    properties[name] === undefined ? [] : [`${name}=${properties[name]}`],
  );
  return (
    `${dataset} has ${other}, and so have the homes that are made below it; a Mac wants ${wanted.join(' and ')}. Both are fixed when a dataset is made: ` +
    `while no home is in it, zfs rename ${dataset} ${dataset}-before, and run this again`
  );
}

function poolMissing(machine: Machine, pool: string): RoamhomeError {
  return new RoamhomeError({
    code: 'pool-not-imported',
    message: `${machine.name} has no pool ${pool}`,
    remedy: `Import it (zpool import ${pool}), make it (zpool create), or name another with --pool: zpool list shows what is there.`,
  });
}
