import type { Config } from '../../config/schema.ts';
import { shellWord } from '../../host/shell-word.ts';
import {
  firstWithAppend,
  isOlder,
  showVersion,
  type ZfsVersion,
  type ZfsVersions,
} from '../../zfs/commands/zfs-version.ts';
import type { PoolSpace, PoolTrouble } from '../../zfs/commands/pool.ts';
import { both, failureOf, type Fact } from '../fact.ts';
import {
  advise,
  judging,
  ok,
  orOk,
  run,
  warning,
  critical,
  criticalBecause,
  type Check,
  type Finding,
  type Remedy,
} from '../finding.ts';

/** A pool that homes are in, as zpool tells of it. */
export interface PoolState extends PoolSpace {
  readonly name: string;
  /** null: it is well. */
  readonly trouble: PoolTrouble | null;
  /** By name: disabled, enabled or active. */
  readonly features: ReadonlyMap<string, string>;
  /** What all its mountpoints are below; null: nothing. */
  readonly altroot: string | null;
}

interface PoolFacts {
  readonly zfs: Fact<ZfsVersions>;
  readonly pools: Fact<readonly PoolState[]>;
}

/** The oldest that Roamhome's commands are known to work with: it brought `zfs version`, channel programs, bookmarks that copy. */
const oldest: ZfsVersion = [2, 0, 0];

function judgeVersion(role: 'mac' | 'server', { program, kernel }: ZfsVersions): readonly Finding[] {
  const shown = `OpenZFS ${showVersion(program)}`;
  const faults: Finding[] = [];
  if (kernel !== null && showVersion(kernel) !== showVersion(program))
    faults.push(
      warning(
        `${shown}, but the kernel still has ${showVersion(kernel)}`,
        run('here', ['reboot'], 'Restart the machine, so that both are the same: '),
      ),
    );
  if (isOlder(program, oldest))
    faults.push(critical(`${shown} is older than ${showVersion(oldest)}`, advise('here', 'Update OpenZFS.')));
  else if (role === 'server' && isOlder(program, firstWithAppend))
    faults.push(
      warning(
        `${shown} does not know receive:append: only holds keep a Mac's key from rolling homes back`,
        advise('here', `Update OpenZFS to ${showVersion(firstWithAppend)} or newer.`),
      ),
    );
  return orOk(faults, shown);
}

/** `role`: what differs on a server. */
export const zfsCheck = (role: 'mac' | 'server'): Check<PoolFacts> => ({
  name: 'zfs',
  about: 'OpenZFS is there, loaded, and new enough',
  judge: ({ zfs }) => {
    const failure = failureOf(zfs, ({ code }) => code === 'zfs-not-installed' || code === 'zfs-failed');
    return failure === null ? judging(zfs, (known) => judgeVersion(role, known)) : [criticalBecause(failure)];
  },
});

/** What brings a disk back, by the state that zpool gives it (zpoolconcepts(7), Device Failure and Recovery). */
function diskRemedy(
  pool: string,
  { name, state }: { readonly name: string; readonly state: string },
): Remedy {
  const disk = shellWord(name);
  switch (state) {
    case 'OFFLINE':
      return run('here', [`zpool online ${pool} ${disk}`], 'Somebody took it out of use: ');
    case 'REMOVED':
    case 'UNAVAIL':
      return run(
        'here',
        [`zpool online ${pool} ${disk}`],
        `Connect it again; or put another in its place (\`zpool replace ${pool} ${disk} DISK\`). `,
      );
    default:
      return run(
        'here',
        [`zpool replace ${pool} ${disk} DISK`],
        `Put another in its place; or, if the cause was a cable, \`zpool clear ${pool} ${disk}\`. `,
      );
  }
}

/** Homes are mounted below that directory, and not where their users' sessions look for them. */
function judgeAltroot({ name, altroot }: PoolState): readonly Finding[] {
  if (altroot === null) return [];
  const remedy = run('here', [`zpool export ${name}`, `zpool import ${name}`], 'When nobody is logged in: ');
  return [warning(`the pool ${name} is imported with altroot=${altroot}: all is mounted below it`, remedy)];
}

function judgePool({ name, health, trouble }: PoolState): readonly Finding[] {
  if (health === 'ONLINE' && trouble === null) return [];
  const disks = trouble?.disks ?? [];
  const of = health === 'DEGRADED' ? warning : critical;
  const faults = disks.map((disk) =>
    of(`the pool ${name} is ${health}: ${disk.name} is ${disk.state}`, diskRemedy(name, disk)),
  );
  if (trouble !== null && trouble.errors !== null)
    faults.push(
      critical(
        `the pool ${name} has damaged data: ${trouble.errors}`,
        run(
          'here',
          [`zpool status -v ${name}`],
          'See which files or snapshots it names; bring them from the other side, then clear and scrub the pool: ',
        ),
      ),
    );
  if (faults.length > 0) return faults;
  if (trouble?.isResilvering === true)
    return [
      warning(
        `the pool ${name} is being resilvered`,
        run('here', [`zpool wait -t resilver ${name}`], 'It ends by itself: '),
      ),
    ];
  const said = trouble?.status ?? 'zpool says no more';
  return [
    of(
      `the pool ${name} is ${health}: ${said}`,
      run('here', [`zpool clear ${name}`], 'See to its disks, then '),
    ),
  ];
}

export const poolCheck: Check<PoolFacts> = {
  name: 'pool',
  about: 'The pools of homes and conflicts are imported, and all their disks are well',
  judge: ({ pools }) => {
    const failure = failureOf(pools, ({ code }) => code === 'pool-not-imported' || code === 'pool-suspended');
    if (failure !== null) return [criticalBecause(failure)];
    return judging(pools, (known) =>
      orOk(
        known.flatMap((pool) => [...judgePool(pool), ...judgeAltroot(pool)]),
        known.map(({ name, health }) => `${name} is ${health}`).join(', '),
      ),
    );
  },
};

/** Beyond it ZFS gets slow and a transfer may end in "out of space" at any time. */
const nearlyFull = 95;

export const spaceCheck: Check<PoolFacts & { readonly config: Fact<Config> }> = {
  name: 'space',
  about: 'The pools have room: less than `doctor.poolPercent` of them is taken, and less than 95 %',
  judge: ({ pools, config }) =>
    judging(both(pools, config), ([known, { doctor }]) =>
      known.map(({ name, percentFull }) => {
        const what = `the pool ${name} is ${percentFull} % full`;
        if (percentFull < Math.min(doctor.poolPercent, nearlyFull)) return ok(what);
        const remedy = run(
          'here',
          [`zpool add ${name} DISK`],
          `Make room (\`zfs list -o space -r ${name}\` tells what takes it, \`roamhome thin --dry-run\` which snapshots could go), or add a disk: `,
        );
        return (percentFull >= nearlyFull ? critical : warning)(what, remedy);
      }),
    ),
};

/** What a feature of the pool is needed for. Names of zpool-features(7). */
const needed: ReadonlyMap<string, string> = new Map([
  ['extensible_dataset', 'knowing when snapshots came'],
  ['bookmarks', 'the bookmarks that thinning leaves'],
  ['bookmark_v2', 'bookmarks of encrypted homes'],
  ['embedded_data', 'streams as other machines send them'],
  ['large_blocks', 'streams as other machines send them'],
  ['lz4_compress', 'streams as other machines send them'],
]);

export const featuresCheck: Check<PoolFacts> = {
  name: 'features',
  about: 'The pools have the features that sending, receiving and bookmarks need',
  judge: ({ pools }) =>
    judging(pools, (known) =>
      orOk(
        known.flatMap(({ name, features }) =>
          [...needed].flatMap(([feature, why]) => {
            const state = features.get(feature);
            if (state === 'enabled' || state === 'active') return [];
            const what = `the pool ${name} has not the feature ${feature}, for ${why}`;
            return state === undefined
              ? [warning(what, advise('here', 'Update OpenZFS: this version does not know it.'))]
              : [warning(what, run('here', [`zpool set feature@${feature}=enabled ${name}`]))];
          }),
        ),
        `${needed.size} features are there`,
      ),
    ),
};
