import type { Argv, Host } from '../../host/host.ts';
import { groupUnknown, userUnknown } from '../command-error.ts';
import { countProcesses, endProcesses, systemProcessControl, type ProcessControl } from '../end-processes.ts';
import { homePropertiesEverywhere } from '../home-properties.ts';
import type { Platform } from '../platform.ts';
import { writeSystemLog } from '../system-log.ts';
import { checkUserName } from '../user-name.ts';
import { linuxDirectoryAttributes, linuxTreeAttributes } from './directory-attributes.ts';
import { parseGroup, parseGroupIds, parseGroupNames, parsePasswd } from './getent.ts';
import { otherSessions, ownSession } from './logind.ts';
import { linuxMachineId } from './machine-id.ts';
import { listLinuxMounts } from './mountinfo.ts';
import { linuxNoticeArgv } from './notice.ts';
import { listProcesses } from './proc.ts';

/** Linux, with users and groups of whatever nsswitch.conf names (files, LDAP, sssd). */
export function createLinuxPlatform(
  host: Host,
  control: ProcessControl = systemProcessControl(listProcesses),
): Platform {
  return {
    kind: 'linux',
    async findAccount(user) {
      checkUserName(user);
      const argv: Argv = ['getent', 'passwd', user];
      return parsePasswd(argv, await host.run(argv), user);
    },
    async isMember(user, group) {
      checkUserName(user);
      const groupArgv: Argv = ['getent', 'group', group];
      const found = parseGroup(groupArgv, await host.run(groupArgv), group);
      if (found === null) throw groupUnknown(group);
      if (found.members.includes(user)) return true;
      // Numbers: names of groups may contain spaces. Includes the primary group.
      const idArgv: Argv = ['id', '-G', user];
      const gids = parseGroupIds(idArgv, await host.run(idArgv));
      if (gids === null) throw userUnknown(user);
      if (gids.includes(found.gid)) return true;
      // This machine's own group may stand before the directory's of the same name.
      const namesArgv: Argv = ['getent', 'group', ...gids.map(String)];
      return parseGroupNames(namesArgv, await host.run(namesArgv)).includes(group);
    },
    endProcesses: (account, options) => endProcesses(control, account, options),
    countProcesses: (account, signal) => countProcesses(control, account, signal),
    otherSessions: async (account, signal) => otherSessions(host, account, await ownSession(), signal),
    machineId: () => linuxMachineId(),
    listMounts: listLinuxMounts,
    // Nothing that helps: `umount -f` forces only network file systems and FUSE (umount(8)), and `umount -l` would
    // leave a live file system without a name, to be snapshotted and received into while it is being written.
    forceUnmountArgv: null,
    unmountOwnArgvs: (path) => ['fusermount3', 'fusermount'].map((program) => [program, '-u', '-z', path]),
    detachArgv: (path) => ['umount', '-l', path],
    homeProperties: homePropertiesEverywhere,
    directoryAttributes: (path, signal) => linuxDirectoryAttributes(host, path, signal),
    treeAttributes: (path, signal) => linuxTreeAttributes(host, path, signal),
    noticeArgv: linuxNoticeArgv,
    systemLog: (priority, message) => writeSystemLog(host, priority, message),
  };
}
