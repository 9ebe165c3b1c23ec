import { formatFolders } from '../../homes/mount/excluded-folders.ts';
import { excludedProperty } from '../../sync/properties.ts';
import { mount, setProperties, snapshot, unmount } from '../../zfs/commands/change.ts';
import { rename } from '../../zfs/commands/arrange.ts';
import { createDataset } from '../../zfs/commands/set-up.ts';
import type { ZfsCommand } from '../../zfs/command.ts';
import type { DatasetName } from '../../zfs/names.ts';
import type { Dataset } from '../../zfs/version.ts';
import { alreadySo, type Change, type Found } from '../task.ts';

/** A home as it is to be on the server. */
export interface WantedHome {
  readonly home: DatasetName;
  /** Where it is made: it gets its name only when it is whole, so that no Mac ever sees half of it. */
  readonly staging: DatasetName;
  /** Where it is mounted for a moment, to be given to its user. */
  readonly mountpoint: string;
  /** What the pool puts before it; '': nothing. */
  readonly altroot: string;
  readonly owner: { readonly uid: number; readonly gid: number };
  /** Bytes; 0: none; null: whatever it is. */
  readonly quota: bigint | null;
  /** Folders that are to stay on each Mac, where it has no list of them; null: whatever it has. */
  readonly excluded: readonly string[] | null;
  /** Of the first snapshot: what each Mac's first login fetches. */
  readonly snapshotName: string;
}

/** Both as they are; null: not there. */
export interface HomeView {
  readonly home: Dataset | null;
  readonly staging: Dataset | null;
}

/** The properties that are looked at. */
export const homeProperties = ['mountpoint', 'canmount', 'quota', excludedProperty] as const;

/** What is missing until the home is whole; all of what is there is taken. Pure. */
export function planHome({ home, staging }: HomeView, wanted: WantedHome): Found {
  if (home !== null) return existing(home, wanted);
  const { uid, gid } = wanted.owner;
  const mountpoint = `${wanted.altroot}${wanted.mountpoint}`;
  const isWhole = staging !== null && staging.snapshots.length > 0;
  const give = [
    ...(staging?.mounted === true ? [] : [zfs(`mount it at ${mountpoint}`, mount(wanted.staging))]),
    command(`give it to uid ${uid}`, ['chown', `${uid}:${gid}`, mountpoint]),
    command('let nobody else in', ['chmod', '0700', mountpoint]),
  ];
  const withdraw = [
    ...(isWhole && !staging.mounted ? [] : [zfs('unmount it', unmount(wanted.staging, { force: false }))]),
    ...(isWhole ? [] : [command('take the mountpoint away', removeDirectory(mountpoint))]),
  ];
  return {
    changes: [
      ...(staging === null ? [create(wanted)] : []),
      ...(isWhole ? [] : give),
      ...withdraw,
      ...(isWhole ? [] : [zfs('make its first snapshot', snapshot([wanted.staging], wanted.snapshotName))]),
      ...finish(staging, wanted),
      zfs(`call it ${wanted.home}`, rename(wanted.staging, wanted.home)),
    ],
    left: [],
  };
}

function create({ staging, mountpoint, quota, excluded, home }: WantedHome): Change {
  const properties = {
    canmount: 'noauto',
    mountpoint,
    ...(quota === null ? {} : { quota: showQuota(quota) }),
    ...(excluded === null ? {} : { [excludedProperty]: formatFolders(excluded) }),
  };
  return zfs(`make ${home} under another name`, createDataset(staging, properties));
}

/** Where it was mounted means nothing afterwards; another run may have asked for another quota. */
function finish(staging: Dataset | null, { staging: name, quota, excluded }: WantedHome): readonly Change[] {
  const set = {
    ...(staging?.properties['mountpoint'] === 'none' ? {} : { mountpoint: 'none' }),
    ...(staging === null ? {} : { ...quotaOf(staging, quota), ...excludedOf(staging, excluded) }),
  };
  return Object.keys(set).length === 0 ? [] : [zfs('let it be mounted nowhere', setProperties(name, set))];
}

/** Its owner is not looked at: for that it would have to be mounted. A login does. */
function existing(home: Dataset, wanted: WantedHome): Found {
  const set = {
    ...(home.properties['canmount'] === 'on' ? { canmount: 'noauto' } : {}),
    ...quotaOf(home, wanted.quota),
    ...excludedOf(home, wanted.excluded),
  };
  const pairs = Object.entries(set).map(([name, value]) => `${name}=${value}`);
  const isEmpty = home.snapshots.length === 0 && home.resumeToken === null;
  if (pairs.length === 0 && !isEmpty) return alreadySo;
  return {
    changes:
      pairs.length === 0
        ? []
        : [zfs(`set ${pairs.join(' and ')} on ${home.name}`, setProperties(home.name, set))],
    left: isEmpty
      ? [
          `${home.name} was not made by Roamhome and has no snapshot, so that no Mac can fetch it: give it to its user and ` +
            `make one (zfs snapshot ${home.name}@first), or, if it is empty, zfs destroy ${home.name} and run this again`,
        ]
      : [],
  };
}

function quotaOf(dataset: Dataset, quota: bigint | null): { readonly quota?: string } {
  const isSo = quota === null || dataset.properties['quota'] === String(quota);
  return isSo ? {} : { quota: showQuota(quota) };
}

/** A list that is there may have been changed since: it stays. */
function excludedOf(
  { properties }: Dataset,
  excluded: readonly string[] | null,
): Readonly<Record<string, string>> {
  const isSo = excluded === null || (properties[excludedProperty] ?? '-') !== '-';
  return isSo ? {} : { [excludedProperty]: formatFolders(excluded) };
}

function showQuota(quota: bigint): string {
  return quota === 0n ? 'none' : String(quota);
}

/** It may be gone: some systems remove it with the mount. */
function removeDirectory(path: string): readonly [string, ...string[]] {
  return ['sh', '-c', 'if [ -d "$1" ]; then rmdir "$1"; fi', 'sh', path];
}

function zfs(does: string, { argv }: ZfsCommand<void>): Change {
  return command(does, argv);
}

function command(does: string, argv: readonly [string, ...string[]]): Change {
  return { kind: 'run', does, argv };
}
