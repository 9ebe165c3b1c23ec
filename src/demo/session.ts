import { defaultsFor } from '../config/defaults.ts';
import { RoamhomeError } from '../errors/errors.ts';
import type { Log } from '../log/log.ts';
import type { Platform } from '../platform/platform.ts';
import type { Session } from '../session/session.ts';
import type { Spool } from '../session/spool.ts';
import { parseDatasetName } from '../zfs/names.ts';
import { createSyncZfs } from '../zfs/sync-zfs.ts';
import type { DemoMachine } from './machines.ts';

const uid = 2001;

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
  close: () => Promise.resolve(),
};

const nothingPending: Spool = {
  add: () => Promise.resolve(),
  remove: () => Promise.resolve(),
  list: () => Promise.resolve([]),
};

/** The product's own session between two machines of the demo, without a directory service and without SSH. */
export function demoSession(mac: DemoMachine, server: DemoMachine, online: boolean): Session {
  const home = parseDatasetName('data/profiles/alice');
  const config = defaultsFor('linux', mac.name);
  const observer = { command: () => undefined, warning: () => undefined };
  const platform: Platform = {
    kind: 'linux',
    findAccount: (name) => Promise.resolve({ name, uid, gid: uid }),
    isMember: () => Promise.resolve(true),
    endProcesses: () => Promise.resolve(0),
    forceUnmountArgv: null,
    homeProperties: { atime: 'off' },
    directoryAttributes: () => Promise.resolve(''),
    systemLog: () => Promise.resolve(),
  };
  return {
    user: 'alice',
    config: { ...config, local: { ...config.local, stateDir: mac.folder('/run') } },
    platform,
    local: createSyncZfs(mac.host, observer),
    localHome: home,
    serverHome: home,
    mountpoint: mac.folder('/Users/alice'),
    mountpoints: {
      isMountpoint: () =>
        Promise.resolve(
          mac.store.transact((machine) => machine.datasets.get(home)?.mounted ?? null) !== null,
        ),
      countEntries: () => Promise.resolve(0),
      ownerOf: () => Promise.resolve(uid),
    },
    // No path of the simulator's is one of this machine, so every difference counts.
    files: { statusOf: () => Promise.resolve(null), attributesOf: () => Promise.resolve('') },
    server: {
      zfs: createSyncZfs(server.host, observer),
      connect: () => (online ? Promise.resolve() : Promise.reject(away())),
      close: () => Promise.resolve(),
    },
    log: silent,
    acquireLock: () => Promise.resolve(() => Promise.resolve()),
    spool: nothingPending,
    hasRoamedHere: () => Promise.resolve(false),
    now: () => new Date(),
    sleep: () => Promise.resolve(),
    signal: new AbortController().signal,
    onProgress: () => () => undefined,
  };
}

function away(): RoamhomeError {
  return new RoamhomeError({
    code: 'server-unreachable',
    message: 'no answer from server:22, within 10 s',
    remedy: 'The home on this machine is complete; what is new in it is sent when the server is back.',
    retryable: true,
  });
}
