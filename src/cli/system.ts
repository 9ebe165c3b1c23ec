import type { Config } from '../config/schema.ts';
import type { Host } from '../host/host.ts';
import { createLocalHost, type Identity } from '../host/local.ts';
import { createLinuxPlatform } from '../linux/linux-platform.ts';
import { findLinuxProcessStart, listProcesses as listLinuxProcesses } from '../linux/proc.ts';
import { createLog } from '../log/create-log.ts';
import type { Log } from '../log/log.ts';
import { createMacosPlatform } from '../macos/macos-platform.ts';
import { createFindMacosProcessStart, listProcesses as listMacosProcesses } from '../macos/ps.ts';
import type { Platform } from '../platform/platform.ts';
import type { ProcessEntry } from '../platform/process-list.ts';
import type { FindProcessStart } from '../platform/process-start.ts';
import { systemKind } from './system-kind.ts';

/** This machine. `localHost` is to be closed. */
export interface System {
  readonly localHost: Host;
  readonly platform: Platform;
  readonly findProcessStart: FindProcessStart;
  readonly listProcesses: () => Promise<readonly ProcessEntry[]>;
  /** This machine's commands with the rights of another user. */
  readonly hostAs: (identity: Identity) => Host;
}

/** zfsPath says where zfs is; dscl, ps, getent and the like are here. */
export const systemPath = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];

/** This machine's commands, users, groups and processes. Throws `usage` on a system that is not supported. */
export function openSystem(config: Config, kind = systemKind(process.platform)): System {
  const path = [...new Set([...config.zfsPath, ...systemPath])];
  const name = kind === 'macos' ? 'this Mac' : 'this machine';
  const localHost = createLocalHost({ name, path });
  const hostAs = (as: Identity): Host => createLocalHost({ name, path, as });
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
