import type { Config } from '../../config/schema.ts';
import { syncProperty } from '../../sync/properties.ts';
import { accountHomeAdvice, homeElsewhere } from '../../homes/mount/account-home.ts';
import { mountpointOf } from '../../homes/homes-in-use.ts';
import { count } from '../../format/count.ts';
import { nameRules, otherNameRules } from '../../platform/name-rules.ts';
import { isUserName, type DatasetName } from '../../zfs/names.ts';
import type { Dataset } from '../../zfs/version.ts';
import { both, failureOf, type Fact } from '../fact.ts';
import { fileRightsColumns, judgeFileRights } from './file-rights.ts';
import {
  judging,
  orOk,
  run,
  warning,
  critical,
  criticalBecause,
  type Check,
  type Finding,
} from '../finding.ts';

/** A home on this machine: `<root>/<user>`. */
export interface Home {
  readonly user: string;
  readonly dataset: Dataset;
}

interface HomeFacts {
  readonly config: Fact<Config>;
  /** `local.root` and all below it, with the properties of `homeColumns`. */
  readonly tree: Fact<readonly Dataset[]>;
  /** What a home has on this system besides mountpoint and canmount. */
  readonly homeProperties: Fact<Readonly<Record<string, string>>>;
  /** How homes take names of files on this system; null: it does not matter. */
  readonly homeNames: Fact<Readonly<Record<string, string>> | null>;
  /** Where the accounts of those who have homes have theirs; of those of which it is not known nothing. */
  readonly accountHomes: Fact<ReadonlyMap<string, AccountHome>>;
}

export interface AccountHome {
  readonly home: string;
  /** What gives an account of this machine alone the home that is mounted. */
  readonly command: string;
}

/** The columns that the checks of homes read. */
export const homeColumns: readonly string[] = [
  ...['canmount', 'mountpoint', 'readonly', syncProperty],
  ...fileRightsColumns,
  ...nameRules,
];

/** The homes among what lies below the root: its children that have the name of a user. Pure. */
export function homesBelow(root: string, tree: readonly Dataset[]): readonly Home[] {
  return tree.flatMap((dataset) => {
    const user = dataset.name.slice(root.length + 1);
    return isUserName(user) ? [{ user, dataset }] : [];
  });
}

/** What has to be set on a dataset, a finding for each property that is otherwise. */
function different(
  { name, properties }: Dataset,
  wanted: Readonly<Record<string, string>>,
  why: Readonly<Record<string, string>>,
): readonly Finding[] {
  return Object.entries(wanted).flatMap(([property, value]) => {
    const is = properties[property] ?? '-';
    if (is === value) return [];
    const because = why[property] === undefined ? '' : `: ${why[property]}`;
    return [
      warning(
        `${name} has ${property}=${is}, not ${value}${because}`,
        run('here', [set(name, property, value)]),
      ),
    ];
  });
}

function set(dataset: DatasetName, property: string, value: string): string {
  return `zfs set ${property}=${value} ${dataset}`;
}

const why: Readonly<Record<string, string>> = {
  canmount: 'it is mounted at a start, before a login has brought what is new',
  atime: 'reading would change the home',
};

/** Those are judged of all datasets at once. */
function isFileRight(property: string): boolean {
  return fileRightsColumns.some((name) => name === property);
}

function judgeHome({ user, dataset }: Home, config: Config, own: Readonly<Record<string, string>>) {
  const ofItsOwn = Object.fromEntries(Object.entries(own).filter(([name]) => !isFileRight(name)));
  const wanted = { canmount: 'noauto', mountpoint: mountpointOf(config.local, user), ...ofItsOwn };
  const faults = [...different(dataset, wanted, why)];
  if (dataset.properties[syncProperty] === 'off')
    faults.push(
      critical(
        `${dataset.name} has ${syncProperty}=off: nothing of ${user}'s home is snapshotted or sent`,
        run('here', [`zfs inherit ${syncProperty} ${dataset.name}`]),
      ),
    );
  if (dataset.properties['readonly'] === 'on')
    faults.push(
      dataset.mounted
        ? critical(
            `${dataset.name} is mounted read-only: ${user} cannot save anything`,
            run('here', [`roamhome login ${user}`]),
          )
        : warning(`${dataset.name} has readonly=on`, run('here', [`zfs set readonly=off ${dataset.name}`])),
    );
  return faults;
}

/** A session begins where the account says, wherever the home is mounted. */
function judgeAccountHome({ user }: Home, { local }: Config, homes: ReadonlyMap<string, AccountHome>) {
  const place = mountpointOf(local, user);
  const account = homes.get(user);
  if (account === undefined || account.home === place) return [];
  return [
    warning(
      homeElsewhere(user, account.home, place),
      run('here', [account.command], `${accountHomeAdvice}; a local account: `),
    ),
  ];
}

/** One finding for all: it cannot be changed, only made anew. Pure. */
function judgeNames(
  homes: readonly Home[],
  wanted: Readonly<Record<string, string>> | null,
): readonly Finding[] {
  if (wanted === null) return [];
  const others = homes.flatMap(({ user, dataset }) => {
    const other = otherNameRules(dataset.properties, wanted);
    return other === null ? [] : [{ user, dataset: dataset.name, other }];
  });
  const [first] = others;
  if (first === undefined) return [];
  const what =
    others.length === 1
      ? `${first.dataset} has`
      : `${count(others.length, 'home')}, ${first.dataset} the first, have`;
  return [
    warning(
      `${what} ${first.other}, as one made on Linux: a Mac may not open files whose names it shows, and programs rely on names in any case`,
      run(
        'server',
        ['roamhome provision server --for macs'],
        `Nothing changes it in a home that is there; a home that is made anew has it right after: `,
      ),
    ),
  ];
}

export const homesCheck: Check<HomeFacts> = {
  name: 'homes',
  about:
    'Each home is mounted by its login alone and at its place, without access times or setuid files, and takes part in syncing',
  judge: ({ config, tree, homeProperties, homeNames, accountHomes }) => {
    const failure = failureOf(tree, ({ code }) => code === 'dataset-missing');
    if (failure !== null) return [criticalBecause(failure)];
    return judging(
      both(both(both(both(config, homeProperties), homeNames), accountHomes), tree),
      ([[[[settings, own], names], accounts], datasets]) => {
        const root = settings.local.root;
        const homes = homesBelow(root, datasets);
        const parent = datasets.filter(({ name }) => name === root);
        return orOk(
          [
            ...parent.flatMap((one) => different(one, { canmount: 'off' }, {})),
            ...homes.flatMap((home) => judgeHome(home, settings, own)),
            ...homes.flatMap((home) => judgeAccountHome(home, settings, accounts)),
            ...judgeNames(homes, names),
            ...judgeFileRights(datasets),
          ],
          homes.length === 0 ? `there are no homes in ${root} yet` : `${homes.length} in ${root}`,
        );
      },
    );
  },
};

/** Datasets below homes that are mounted by themselves: the home would be mounted over them. Pure. */
function straysIn(root: string, datasets: readonly Dataset[]): readonly Dataset[] {
  const isMounted = new Map(datasets.map(({ name, mounted }) => [String(name), mounted]));
  return datasets.filter(({ name, mounted }) => {
    const [user = '', ...below] = name.slice(root.length + 1).split('/');
    return mounted && below.length > 0 && isMounted.get(`${root}/${user}`) === false;
  });
}

interface MountFacts extends HomeFacts {
  /** The uids that have a process. */
  readonly running: Fact<ReadonlySet<number>>;
  /** The uids of the users whose homes are mounted; null: there is no such user. */
  readonly uids: Fact<ReadonlyMap<string, number | null>>;
}

export const mountsCheck: Check<MountFacts> = {
  name: 'mounts',
  about: 'A home is mounted while its user is logged in, and not longer',
  judge: ({ config, tree, running, uids }) =>
    judging(both(both(config, tree), both(running, uids)), ([[{ local }, datasets], [live, numbers]]) => {
      const mounted = homesBelow(local.root, datasets).filter(({ dataset }) => dataset.mounted);
      const strays = straysIn(local.root, datasets).map(({ name, properties }) =>
        warning(
          `${name} is mounted at ${properties['mountpoint'] ?? '-'}, but the home above it is not`,
          run('here', [`zfs unmount ${name}`, `zfs set canmount=noauto ${name}`]),
        ),
      );
      return orOk(
        [
          ...strays,
          ...mounted.flatMap(({ user, dataset }) => {
            const uid = numbers.get(user) ?? null;
            if (uid !== null && live.has(uid)) return [];
            const who =
              uid === null
                ? `this machine knows no user ${user}`
                : `no program of ${user} runs, as after a login by hand`;
            return [
              warning(
                `${dataset.name} is mounted, but ${who}: it is pulled into by no login meanwhile`,
                uid === null
                  ? run('here', [`zfs unmount ${dataset.name}`])
                  : run('here', [`roamhome logout ${user}`]),
              ),
            ];
          }),
        ],
        mounted.length === 0 ? 'no home is mounted' : `${mounted.length} mounted, in use`,
      );
    }),
};
