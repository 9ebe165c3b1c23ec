import { setTimeout as delay } from 'node:timers/promises';
import type { LoadedConfig } from '../config/merge.ts';
import { noServerError } from '../config/no-server.ts';
import { refusalOf } from '../config/works.ts';
import type { Host } from '../host/host.ts';
import type { Identity } from '../host/local.ts';
import { createSshHost, type SshHost } from '../host/ssh/ssh.ts';
import type { Log } from '../log/log.ts';
import { askToEnd } from '../platform/ask-to-end.ts';
import type { FindProcessStart } from '../platform/process-start.ts';
import type { Platform } from '../platform/platform.ts';
import type { ProgressSink } from '../progress/event.ts';
import { createLocks } from '../homes/lock/lock.ts';
import { wasLocked } from '../homes/lock/lock-directory.ts';
import { systemFileFacts } from '../homes/mount/system-file-facts.ts';
import { systemFolderFiles } from '../homes/mount/folder-files.ts';
import { mountpointOf } from '../homes/homes-in-use.ts';
import { systemMountpoints } from '../homes/mount/mountpoints.ts';
import type { Session } from '../homes/session.ts';
import { createSpool } from '../homes/pending/spool.ts';
import { childOf, parseDatasetName, parseUserName } from '../zfs/names.ts';
import { createSyncZfs, type ZfsObserver } from '../zfs/sync-zfs.ts';

export interface SessionParts {
  readonly user: string;
  readonly loaded: LoadedConfig;
  readonly platform: Platform;
  /** Platform.machineId. */
  readonly machineId: string | null;
  readonly localHost: Host;
  /** This machine's commands with the rights of another user. */
  readonly hostAs: (identity: Identity) => Host;
  readonly findProcessStart: FindProcessStart;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly onProgress: ProgressSink;
  /** The run's connection, where several sessions share one. */
  readonly serverHost?: SshHost;
}

/**
 * Puts a login, a logout or a checkpoint together. Nothing has been run or connected when it returns. Throws
 * `user-name-invalid`. A server that is not configured is found out when it is needed: the home on this Mac is
 * looked after without it.
 */
export function wireSession(parts: SessionParts): Session {
  const { loaded, log, localHost } = parts;
  const { config, replaced } = loaded;
  const user = parseUserName(parts.user);
  const observer = logObserver(log.child({ user }));
  const serverHost = parts.serverHost ?? wireServer(loaded);
  return {
    user,
    ...{ config, replaced, held: refusalOf('send', loaded) },
    platform: parts.platform,
    machineId: parts.machineId,
    local: createSyncZfs(localHost, observer),
    localHome: childOf(parseDatasetName(config.local.root), user),
    serverHome: childOf(parseDatasetName(config.server.root), user),
    mountpoint: mountpointOf(config.local, user),
    mountpoints: systemMountpoints,
    files: systemFileFacts(parts.platform),
    folders: systemFolderFiles({
      kind: parts.platform.kind,
      root: localHost,
      hostAs: parts.hostAs,
      stateDir: config.local.stateDir,
    }),
    hostAs: parts.hostAs,
    server: {
      zfs: createSyncZfs(serverHost, observer),
      connect: (signal) => serverHost.connect(signal),
      close: () => serverHost.close(),
    },
    log,
    acquireLock: createLocks({ stateDir: config.local.stateDir, findProcessStart: parts.findProcessStart }),
    askToEnd,
    spool: createSpool(config.local.spoolDir),
    hasRoamedHere: () => wasLocked(config.local.stateDir, user),
    now: () => new Date(),
    sleep: (milliseconds) =>
      // The reason says who ended it; Node's own AbortError would pass for a bug.
      delay(milliseconds, undefined, { signal: parts.signal }).catch(() =>
        Promise.reject(parts.signal.reason as Error),
      ),
    signal: parts.signal,
    onProgress: parts.onProgress,
  };
}

/**
 * The server that the configuration names; connects at the first command, or by `connect()`. Where one of the settings that
 * name it is wrong, every command is refused for that: no other server is asked in its place.
 */
export function wireServer(loaded: LoadedConfig): SshHost {
  const { server, limits } = loaded.config;
  const wrong = refusalOf('ask-server', loaded);
  const stallMs = limits.stallSeconds * 1000;
  const host = createSshHost({
    // Never used without one: connect() and every command say first what is missing.
    address: server.address ?? 'no-server-configured',
    port: server.port,
    user: server.user,
    identityFile: server.identityFile,
    knownHostsFile: server.knownHostsFile,
    connectTimeoutMs: limits.connectSeconds * 1000,
    // A dead link is noticed within the stall limit also while no data has to move.
    keepaliveIntervalMs: Math.max(1000, stallMs / 3),
    keepaliveCountMax: 3,
  });
  if (wrong === null && server.address !== undefined) return host;
  const refuse = (): Promise<never> => Promise.reject(wrong ?? noServerError());
  return { ...host, connect: refuse, run: refuse, stream: refuse, runForbidden: refuse };
}

/** Writes every command, and what zfs says on a success, to the log. */
export function logObserver(log: Log): ZfsObserver {
  return {
    command: (host, argv, mutates) => {
      log.debug('command', { host, argv, mutates });
    },
    warning: (host, argv, line) => {
      log.warn('zfs-said', { host, command: argv[1], line });
    },
  };
}
