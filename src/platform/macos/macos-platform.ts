import type { Host } from '../../host/host.ts';
import { countProcesses, endProcesses, systemProcessControl, type ProcessControl } from '../end-processes.ts';
import { homePropertiesEverywhere } from '../home-properties.ts';
import type { Platform } from '../platform.ts';
import { writeSystemLog } from '../system-log.ts';
import { checkUserName } from '../user-name.ts';
import { accountArgv, parseAccount } from './dscl.ts';
import { macosDirectoryAttributes, macosTreeAttributes } from './directory-attributes.ts';
import { membershipArgv, parseMembership } from './dseditgroup.ts';
import { macosMachineId } from './machine-id.ts';
import { listMacosMounts } from './mount-list.ts';
import { macosNoticeArgv } from './notice.ts';
import { listProcesses } from './ps.ts';

/** macOS, with users and groups of Open Directory's search policy. */
export function createMacosPlatform(
  host: Host,
  control: ProcessControl = systemProcessControl((signal) => listProcesses(host, signal)),
): Platform {
  return {
    kind: 'macos',
    async findAccount(user) {
      checkUserName(user);
      const argv = accountArgv(user);
      return parseAccount(argv, await host.run(argv), user);
    },
    async isMember(user, group) {
      checkUserName(user);
      const argv = membershipArgv(user, group);
      return parseMembership(argv, await host.run(argv), user, group);
    },
    endProcesses: (account, options) => endProcesses(control, account, options),
    countProcesses: (account, signal) => countProcesses(control, account, signal),
    // Its hooks are for logins at the window alone, and the watch of the console asks by itself.
    otherSessions: () => Promise.resolve([]),
    machineId: () => macosMachineId(host),
    listMounts: () => listMacosMounts(host),
    // `zfs unmount` of OpenZFS on OS X calls diskutil itself; Spotlight and Finder often hold a home for some seconds.
    forceUnmountArgv: (mountpoint) => ['diskutil', 'unmount', 'force', mountpoint],
    unmountOwnArgvs: (path) => [['umount', '-f', path]],
    detachArgv: (path) => ['umount', '-f', path],
    // com.apple.browse=off keeps the home from showing up as a disk on the desktop.
    homeProperties: { ...homePropertiesEverywhere, 'com.apple.browse': 'off' },
    directoryAttributes: (path, signal) => macosDirectoryAttributes(host, path, signal),
    treeAttributes: (path, signal) => macosTreeAttributes(host, path, signal),
    noticeArgv: macosNoticeArgv,
    systemLog: (priority, message) => writeSystemLog(host, priority, message),
  };
}
