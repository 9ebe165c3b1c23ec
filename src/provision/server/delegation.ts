import { isRoamhomeError } from '../../errors/errors.ts';
import { allowUser, listGrants, unallowUser, type Grant } from '../../zfs/commands/permissions.ts';
import { knowsAppend, zfsVersions } from '../../zfs/commands/zfs-version.ts';
import type { DatasetName } from '../../zfs/names.ts';
import type { Machine } from '../machine.ts';
import { alreadySo, toDo, type Change, type Found, type Task } from '../task.ts';
import { extraBelow, listGrantsBelow, namedDatasets } from './grants-below.ts';
import { wantedPermissions } from './wanted-server.ts';

/** What a user lacks on a dataset, and what they have there that is not wanted. */
export interface DelegationGap {
  readonly missing: readonly string[];
  /** Given to the user on this dataset: it can be taken away there. */
  readonly extra: readonly string[];
  /** More that holds for the user there: given further up, or to everyone. In words. */
  readonly elsewhere: readonly string[];
}

/** Compares what is delegated with what is wanted. What was given to groups is not looked into. Pure. */
export function compareDelegation(
  there: readonly Grant[],
  {
    user,
    dataset,
    wanted,
  }: { readonly user: string; readonly dataset: DatasetName; readonly wanted: readonly string[] },
): DelegationGap {
  const own = there.filter(({ who }) => who === `user ${user}`);
  const here = own.filter((one) => one.dataset === dataset);
  const whole = here.filter(({ scope }) => scope === 'both');
  const given = new Set(whole.flatMap(({ permissions }) => permissions));
  const unwanted = (permissions: readonly string[]) => permissions.filter((one) => !wanted.includes(one));
  return {
    missing: wanted.filter((permission) => !given.has(permission)),
    extra: [...new Set(here.flatMap(({ permissions }) => unwanted(permissions)))],
    elsewhere: there
      .filter((one) => (one.dataset !== dataset && own.includes(one)) || one.who === 'everyone')
      .flatMap(({ who, permissions, dataset: on }) => {
        const more = unwanted(permissions);
        return more.length === 0 ? [] : [`${more.join(',')} on ${on} (given to ${who})`];
      }),
  };
}

/** What the account may do on a dataset. `isExact`: what it may do beyond that there is taken away, and not only told. */
export function delegationTask(
  machine: Machine,
  {
    account,
    dataset,
    isExact,
  }: { readonly account: string; readonly dataset: DatasetName; readonly isExact: boolean },
): Task {
  return {
    title: `what ${account} may do on ${dataset}`,
    machine,
    look: async (signal) => {
      const append = knowsAppend(await machine.zfs.run(zfsVersions, { signal }));
      const wanted = wantedPermissions(append);
      const gap = compareDelegation(await delegationsOn(machine, dataset, signal), {
        user: account,
        dataset,
        wanted,
      });
      const found = closeGap(gap, { account, dataset, isExact });
      return append ? found : { ...found, left: [...found.left, weakened(dataset)] };
    },
  };
}

/**
 * What the account may do on homes and branches beyond what it may on their root: what older set-ups gave it there holds besides.
 * One command takes it away on all of them.
 */
export function delegationBelowTask(
  machine: Machine,
  {
    account,
    dataset,
    isExact,
  }: { readonly account: string; readonly dataset: DatasetName; readonly isExact: boolean },
): Task {
  return {
    title: `what ${account} may do below ${dataset}`,
    machine,
    look: async (signal) => {
      const append = knowsAppend(await machine.zfs.run(zfsVersions, { signal }));
      const grants = await listGrantsBelow(machine, dataset, signal);
      const own = grants.filter(({ who }) => who === `user ${account}`);
      const [extra] = extraBelow(own, wantedPermissions(append));
      if (extra === undefined) return alreadySo;
      const { permissions, datasets } = extra;
      const { argv } = unallowUser(account, permissions, dataset, { below: true });
      const does = `take ${permissions.join(',')} below ${dataset} from ${account}`;
      if (isExact) return toDo({ kind: 'run', does, argv });
      return {
        ...alreadySo,
        left: [
          `${account} may do more on ${namedDatasets(datasets)} than it has to, a stolen Mac's key too: ${argv.join(' ')} (or run this with --exact)`,
        ],
      };
    },
  };
}

/** None on a dataset that is still to be made. */
async function delegationsOn(
  machine: Machine,
  dataset: DatasetName,
  signal: AbortSignal,
): Promise<readonly Grant[]> {
  try {
    return await machine.zfs.run(listGrants(dataset), { signal });
  } catch (error) {
    if (isRoamhomeError(error, 'dataset-missing')) return [];
    throw error;
  }
}

/** Pure. */
function closeGap(
  { missing, extra, elsewhere }: DelegationGap,
  {
    account,
    dataset,
    isExact,
  }: { readonly account: string; readonly dataset: DatasetName; readonly isExact: boolean },
): Found {
  const remove = unallowUser(account, extra, dataset).argv;
  const changes: readonly Change[] = [
    // Before more is given: with `receive`, what `receive:append` keeps is not kept.
    ...(isExact && extra.length > 0
      ? [
          {
            kind: 'run' as const,
            does: `take ${extra.join(',')} on ${dataset} from ${account}`,
            argv: remove,
          },
        ]
      : []),
    ...(missing.length > 0
      ? [
          {
            kind: 'run' as const,
            does: `allow ${account} ${missing.join(',')} on ${dataset}`,
            argv: allowUser(account, missing, dataset).argv,
          },
        ]
      : []),
  ];
  return {
    changes,
    left: [
      ...(extra.length > 0 && !isExact
        ? [
            `${account} may do more on ${dataset} than it has to: ${remove.join(' ')} (or run this with --exact)`,
          ]
        : []),
      ...elsewhere.map((more) => `${account} may do more on ${dataset} than it has to: ${more}`),
    ],
  };
}

function weakened(dataset: DatasetName): string {
  return (
    `this OpenZFS knows no receive:append (2.3.2 does): a stolen Mac could remove snapshots from ${dataset} that ` +
    'no hold keeps. roamhome thin --server, as its job runs it, holds the newest of each home'
  );
}
