import type { Config } from '../config/schema.ts';
import type { Host } from '../host/host.ts';
import type { Log } from '../log/log.ts';
import type { FindProcessStart } from '../platform/process-start.ts';
import { createLocks } from '../homes/lock/lock.ts';
import type { HoldJob } from '../thinning/hold-heads.ts';
import { arrivalsFile } from '../thinning/arrivals.ts';
import { lastRunFile } from '../thinning/last-run.ts';
import type { ThinningJob } from '../thinning/plan-homes.ts';
import { logObserver } from './session.ts';
import { parseDatasetName } from '../zfs/names.ts';
import { createSyncZfs } from '../zfs/sync-zfs.ts';

export interface ThinningParts extends Pick<ThinningJob, 'schedule' | 'maximumAges' | 'force'> {
  readonly config: Config;
  readonly localHost: Host;
  /** The server as this Mac reaches it; null: this is the server. */
  readonly serverHost: Host | null;
  readonly findProcessStart: FindProcessStart;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Puts thinning together. The server's datasets are, on itself, those that the Macs know as the server's. */
export function wireThinning(parts: ThinningParts): ThinningJob {
  const { config, localHost, serverHost, findProcessStart, log, signal } = parts;
  const observer = logObserver(log);
  const serverRoot = parseDatasetName(config.server.root);
  const { stateDir } = config.local;
  const acquireLock = createLocks({ stateDir, findProcessStart });
  return {
    zfs: createSyncZfs(localHost, observer),
    root: serverHost === null ? serverRoot : parseDatasetName(config.local.root),
    server: serverHost === null ? null : { zfs: createSyncZfs(serverHost, observer), root: serverRoot },
    schedule: parts.schedule,
    maximumAges: parts.maximumAges,
    match: new RegExp(config.thinning.match),
    bookmarkDays: config.thinning.bookmarkDays,
    force: parts.force,
    now: Date.now,
    lastRun: lastRunFile(stateDir),
    arrivals: arrivalsFile(stateDir),
    // On the server no session runs; zfs itself says what is busy.
    lock: serverHost === null ? null : (user) => acquireLock({ user, what: 'thin', waitMs: 0, signal }),
    log,
    signal,
  };
}

/** Protecting the newest snapshots of homes and branches, on the server itself. */
export function wireHolds({ zfs, root, log, signal }: ThinningJob, config: Config): HoldJob {
  return {
    zfs,
    homesRoot: root,
    conflictsRoot: parseDatasetName(config.server.conflictsRoot),
    log,
    signal,
  };
}
