import type { Config } from '../config/schema.ts';
import type { Host } from '../host/host.ts';
import type { Log } from '../log/log.ts';
import type { Platform } from '../platform/platform.ts';
import { contentsFile, memoryFile } from '../homes/tending/memory-file.ts';
import { digestSnapshot } from '../homes/tending/read-snapshot.ts';
import { removedRootOf } from '../homes/tending/removed.ts';
import type { TendOptions } from '../homes/tending/tend.ts';
import { logObserver } from './session.ts';
import { parseDatasetName } from '../zfs/names.ts';
import { createSyncZfs } from '../zfs/sync-zfs.ts';
import { createRunningPrograms } from '../platform/linux/running-programs.ts';
import { noRunningPrograms } from '../platform/running-program.ts';

/** Puts the server's job together, on the server itself: its datasets are those that the Macs know as the server's. */
export function wireTending(parts: {
  readonly config: Config;
  readonly localHost: Host;
  readonly platform: Pick<Platform, 'kind'>;
  readonly log: Log;
  readonly signal: AbortSignal;
}): TendOptions {
  const { config, localHost, platform, log, signal } = parts;
  const { stateDir } = config.local;
  const zfs = createSyncZfs(localHost, logObserver(log));
  const conflictsRoot = parseDatasetName(config.server.conflictsRoot);
  const reading = { zfs, kind: platform.kind, stateDir, root: removedRootOf(conflictsRoot), signal };
  return {
    zfs,
    homesRoot: parseDatasetName(config.server.root),
    conflictsRoot,
    idleMs: config.limits.partialIdleSeconds * 1000,
    longestMs: config.limits.partialDays * 86_400_000,
    now: Date.now,
    memory: memoryFile(stateDir),
    contents: {
      ...contentsFile(stateDir),
      digestOf: (snapshot) => digestSnapshot(snapshot, reading),
    },
    programs: platform.kind === 'linux' ? createRunningPrograms() : noRunningPrograms,
    log,
    signal,
  };
}
