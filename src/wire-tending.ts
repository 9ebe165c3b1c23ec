import type { Config } from './config/schema.ts';
import type { Host } from './host/host.ts';
import type { Log } from './log/log.ts';
import { memoryFile } from './tending/memory-file.ts';
import type { TendOptions } from './tending/tend.ts';
import { logObserver } from './wire.ts';
import { parseDatasetName } from './zfs/names.ts';
import { createSyncZfs } from './zfs/sync-zfs.ts';

/** Puts the server's job together, on the server itself: its datasets are those that the Macs know as the server's. */
export function wireTending(parts: {
  readonly config: Config;
  readonly localHost: Host;
  readonly log: Log;
  readonly signal: AbortSignal;
}): TendOptions {
  const { config, localHost, log, signal } = parts;
  return {
    zfs: createSyncZfs(localHost, logObserver(log)),
    homesRoot: parseDatasetName(config.server.root),
    conflictsRoot: parseDatasetName(config.server.conflictsRoot),
    idleMs: config.limits.partialIdleSeconds * 1000,
    now: Date.now,
    memory: memoryFile(config.local.stateDir),
    log,
    signal,
  };
}
