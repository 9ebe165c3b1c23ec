import { homePropertiesEverywhere } from '../platform/home-properties.ts';
import type { Account, Platform } from '../platform/platform.ts';

/** A platform on which any name is that of a synced user, and no process is anybody's to end. */
export function platformOfOneUser(account: Omit<Account, 'name'>): Platform {
  return {
    kind: 'linux',
    findAccount: (name) => Promise.resolve({ name, ...account }),
    isMember: () => Promise.resolve(true),
    endProcesses: () => Promise.resolve(0),
    countProcesses: () => Promise.resolve(0),
    otherSessions: () => Promise.resolve([]),
    machineId: () => Promise.resolve(null),
    listMounts: () => Promise.resolve([]),
    forceUnmountArgv: null,
    unmountOwnArgvs: (path) => [['umount', '-f', path]],
    detachArgv: (path) => ['umount', path],
    homeProperties: homePropertiesEverywhere,
    directoryAttributes: () => Promise.resolve(''),
    treeAttributes: () => Promise.resolve(''),
    noticeArgv: () => ['true'],
    systemLog: () => Promise.resolve(),
  };
}
