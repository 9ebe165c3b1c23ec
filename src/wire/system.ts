import type { Config } from '../config/schema.ts';
import type { Host } from '../host/host.ts';
import { findProgram } from '../host/find-program.ts';
import { createLocalHost, type Identity } from '../host/local.ts';
import { createLinuxPlatform } from '../platform/linux/linux-platform.ts';
import { findLinuxProcessStart, listProcesses as listLinuxProcesses } from '../platform/linux/proc.ts';
import { createLog } from '../log/create-log.ts';
import type { Log } from '../log/log.ts';
import { createMacosPlatform } from '../platform/macos/macos-platform.ts';
import { createFindMacosProcessStart, listProcesses as listMacosProcesses } from '../platform/macos/ps.ts';
import type { Platform } from '../platform/platform.ts';
import type { ProcessEntry } from '../platform/process-list.ts';
import type { FindProcessStart } from '../platform/process-start.ts';
import { systemKind } from '../config/system-kind.ts';

/** This machine. `localHost` is to be closed. */
export interface System {
  readonly localHost: Host;
  readonly platform: Platform;
  readonly findProcessStart: FindProcessStart;
  readonly listProcesses: () => Promise<readonly ProcessEntry[]>;
  /** This machine's commands with the rights of another user. */
  readonly hostAs: (identity: Identity) => Host;
}

/** Where dscl, ps, getent and the like are: root alone puts a program there. zfsPath says where zfs is. */
export const systemPath = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];

const zfsPrograms: readonly string[] = ['zfs', 'zpool'];

/** zfs by its absolute path; all else from the system's directories alone: on a Mac /usr/local/bin is often a user's. */
function locateFor({ zfsPath }: Pick<Config, 'zfsPath'>): (program: string) => string | null {
  return (program) => {
    if (program.startsWith('/')) return program;
    return findProgram(program, zfsPrograms.includes(program) ? [...zfsPath, ...systemPath] : systemPath);
  };
}

/** This machine's commands, users, groups and processes. Throws `usage` on a system that is not supported. */
export function openSystem(config: Config, kind = systemKind(process.platform)): System {
  // What a shell script of ours looks for, zfs among it, it finds in the system's directories first.
  const path = [...new Set([...systemPath, ...config.zfsPath])];
  const locate = locateFor(config);
  const name = kind === 'macos' ? 'this Mac' : 'this machine';
  const localHost = createLocalHost({ name, path, locate });
  const hostAs = (as: Identity): Host => createLocalHost({ name, path, locate, as });
  return kind === 'macos'
    ? {
        localHost,
        hostAs,
        platform: createMacosPlatform(localHost),
        findProcessStart: createFindMacosProcessStart(localHost),
        listProcesses: () => listMacosProcesses(localHost),
      }
    : {
        localHost,
        hostAs,
        platform: createLinuxPlatform(localHost),
        findProcessStart: findLinuxProcessStart,
        listProcesses: () => Promise.resolve(listLinuxProcesses()),
      };
}

/** How events are shown on standard error: in a hook, where nobody reads along, not at all. */
export function terminalMode(options: {
  verbose: boolean;
  isTty: boolean;
  noColor: boolean;
}): 'tty' | 'plain' | 'off' {
  if (!options.isTty) return options.verbose ? 'plain' : 'off';
  return options.noColor ? 'plain' : 'tty';
}

/** The log of a command: the configured file, and standard error when somebody reads it. To be closed. */
export function openLog(
  config: Config,
  platform: Platform,
  options: {
    readonly verbose: boolean;
    /** A bar shows what goes on; what went wrong is told in the end. */
    readonly hasBar?: boolean;
  },
): Log {
  const { env, stderr } = process;
  const mode = terminalMode({
    verbose: options.verbose,
    isTty: stderr.isTTY,
    // https://no-color.org
    noColor: (env['NO_COLOR'] ?? '') !== '',
  });
  return createLog({
    ...config.log,
    level: options.verbose ? 'debug' : config.log.level,
    terminal: options.hasBar === true && !options.verbose ? 'off' : mode,
    systemLog: (priority, message) => platform.systemLog(priority, message),
  });
}
