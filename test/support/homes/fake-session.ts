import { defaultsFor } from '../../../src/config/defaults.ts';
import { platformOfOneUser } from '../../../src/demo/platform.ts';
import { RoamhomeError } from '../../../src/errors/errors.ts';
import type { Argv, Host } from '../../../src/host/host.ts';
import { silentLog } from '../../../src/log/silent-log.ts';
import { homePropertiesEverywhere } from '../../../src/platform/home-properties.ts';
import type { Platform } from '../../../src/platform/platform.ts';
import { unwatched } from '../../../src/progress/event.ts';
import type { FolderFiles } from '../../../src/homes/mount/folder-files.ts';
import { systemMountpoints } from '../../../src/homes/mount/mountpoints.ts';
import type { Session } from '../../../src/homes/session.ts';
import { listTree } from '../../../src/zfs/commands/list.ts';
import { parseDatasetName, type DatasetName } from '../../../src/zfs/names.ts';
import type { SyncZfs } from '../../../src/zfs/sync-zfs.ts';
import type { Dataset } from '../../../src/zfs/version.ts';
import { checkRemote, policyOf } from '../restrictions/restricted.ts';
import { spoolIn } from '../model/world.ts';
import { diffOf, noFiles } from '../sync/diffs.ts';
import { dataset, localHome, serverHome } from '../sync/homes.ts';

/** Nothing of a fake session is excluded. */
const noFolders: FolderFiles = {
  makeDirectory: () => Promise.reject(new Error('no directory is made here')),
  copyTree: () => Promise.reject(new Error('nothing is copied here')),
  withPlace: () => Promise.reject(new Error('nothing is held open here')),
  plainPathTo: (path) => Promise.resolve(path),
  makePrivatePlace: () => Promise.reject(new Error('nothing is mounted privately here')),
  removePrivatePlaces: () => Promise.resolve(),
};

/** What a fake session did, in order: `this Mac: zfs …`, `server: connect`, `end processes`. */
export type Journal = string[];

export interface FakeOptions {
  /** The words of test/support/sync/homes.ts; null: no such dataset. */
  readonly local?: string | null;
  readonly server?: string | null;
  /** Thrown by whatever begins with the key: `this Mac: zfs mount`. */
  readonly failures?: Readonly<Record<string, Error>>;
  readonly member?: boolean;
  readonly roamedHere?: boolean;
  readonly pending?: Map<string, string>;
  readonly mounted?: boolean;
  /** Of the pool. */
  readonly altroot?: string;
  /** Of the dataset, where they are others than a login wants. */
  readonly properties?: Readonly<Record<string, string>>;
}

/** A dataset as zfs lists it, of the words of homes.ts. */
function listed(
  root: DatasetName,
  words: string,
  mounted: boolean,
  own: Readonly<Record<string, string>>,
): Dataset {
  const { path: _path, change: _change, partial: _partial, ...rest } = dataset(root, '', words);
  const properties = {
    mountpoint: '/Users/alice',
    canmount: 'noauto',
    ...homePropertiesEverywhere,
    'roamhome:sendflags': 'Lec',
    ...own,
  };
  return { ...rest, mounted, properties };
}

/** What the server of a fake session is told passes its restrictions. */
function passes(argv: Argv): void {
  checkRemote(argv, { ...policyOf('mac7'), homes: parseDatasetName('tank/homes') });
}

/** A session whose zfs answers from words and writes down what it was told; a snapshot shows in the next list. */
export function fakeSession(options: FakeOptions): { session: Session; journal: Journal } {
  const journal: Journal = [];
  const note = (line: string): void => {
    journal.push(line);
    const failure = Object.entries(options.failures ?? {}).find(([start]) => line.startsWith(start));
    if (failure !== undefined) throw failure[1];
  };
  let isHomeMounted = (): boolean => false;
  const zfsOf = (place: string, root: DatasetName, words: string | null, isMounted: boolean): SyncZfs => {
    let now = words;
    let mounted = isMounted;
    if (place === 'this Mac') isHomeMounted = () => mounted;
    return {
      host: { name: place } as Host,
      observer: { command: () => undefined, warning: () => undefined },
      listTree: (dataset, properties) => {
        note(`${place}: list`);
        if (place === 'server') passes(listTree(dataset, properties).argv);
        return Promise.resolve(now === null ? null : [listed(root, now, mounted, options.properties ?? {})]);
      },
      exists: () => Promise.resolve(now !== null || !options.failures?.['pool']),
      run: (command) => {
        note(`${place}: ${command.argv.join(' ')}`);
        if (place === 'server') passes(command.argv);
        if (command.argv[0] === 'zpool') return Promise.resolve(command.parse(`${options.altroot ?? '-'}\n`));
        const verb = command.argv[1];
        if (verb === 'mount') {
          if (mounted)
            throw new RoamhomeError({ code: 'zfs-failed', message: 'already mounted', remedy: 'none' });
          mounted = true;
        }
        if (verb === 'unmount') {
          if (!mounted)
            throw new RoamhomeError({ code: 'not-mounted', message: 'not mounted', remedy: 'none' });
          mounted = false;
        }
        if (verb === 'snapshot') now = `${(now ?? '').replace(/ [*+]/, '')} @made:50`;
        return Promise.resolve(command.parse(''));
      },
      diff: () => {
        note(`${place}: diff`);
        return diffOf((now ?? '').includes('*') ? ['M\tF\t/Users/alice/thesis'] : []);
      },
      decodeToken: () => Promise.resolve(null),
    };
  };
  const config = defaultsFor('linux', 'mac7');
  const platform: Platform = {
    ...platformOfOneUser({ uid: 2001, gid: 2100 }),
    isMember: () => Promise.resolve(options.member ?? true),
    endProcesses: () => {
      note('end processes');
      return Promise.resolve(0);
    },
  };
  const session: Session = {
    user: 'alice',
    config: { ...config, limits: { ...config.limits, poolWaitSeconds: 0.01 } },
    ...{ replaced: new Set(), held: null },
    platform,
    machineId: null,
    local: zfsOf('this Mac', localHome, options.local ?? null, options.mounted ?? false),
    localHome,
    serverHome,
    mountpoint: '/nonexistent/roamhome/alice',
    mountpoints: { ...systemMountpoints, isMountpoint: () => Promise.resolve(isHomeMounted()) },
    files: noFiles,
    folders: noFolders,
    hostAs: () => {
      throw new Error('nothing runs as the user here');
    },
    server: {
      zfs: zfsOf('server', serverHome, options.server ?? null, false),
      close: () => Promise.resolve(),
      connect: async () => {
        await Promise.resolve();
        note('server: connect');
      },
    },
    log: silentLog,
    acquireLock: async ({ what }) => {
      await Promise.resolve();
      note(`lock for ${what}`);
      return () => {
        note('unlock');
        return Promise.resolve();
      };
    },
    askToEnd: (pid) => {
      note(`ask ${pid} to end`);
    },
    spool: spoolIn(options.pending ?? new Map<string, string>()),
    hasRoamedHere: () => Promise.resolve(options.roamedHere ?? false),
    sleep: () => Promise.resolve(),
    now: () => new Date(Date.UTC(2026, 10, 20, 6, 45, 0, 123)),
    signal: new AbortController().signal,
    onProgress: unwatched,
  };
  return { session, journal };
}

/** The codes of a report's problems. */
export function codes(problems: readonly Error[]): readonly string[] {
  return problems.map((error) => ('code' in error ? String(error.code) : error.name));
}
