import { createHash } from 'node:crypto';
import { isRoamhomeError } from '../errors/errors.ts';
import type { Log } from '../log/log.ts';
import { conflictProperty } from '../replication/properties.ts';
import { doubledError } from '../zfs/doubled-error.ts';
import { receiveAbort } from '../zfs/commands/stream.ts';
import type { DatasetName } from '../zfs/names.ts';
import { removeSeen } from '../zfs/remove-seen.ts';
import type { SyncZfs } from '../zfs/sync-zfs.ts';
import { planTend, type TendMemory, type TendPlan } from './plan-tend.ts';

export interface TendOptions {
  /** The server's own ZFS, as root. */
  readonly zfs: SyncZfs;
  readonly homesRoot: DatasetName;
  readonly conflictsRoot: DatasetName;
  /** How long an interrupted receive may wait to be resumed. */
  readonly idleMs: number;
  readonly now: () => number;
  readonly memory: {
    readonly read: () => Promise<TendMemory>;
    readonly write: (memory: TendMemory) => Promise<void>;
  };
  readonly log: Log;
  readonly signal: AbortSignal;
}

export interface TendReport {
  readonly aborted: readonly DatasetName[];
  readonly removed: readonly DatasetName[];
  /** A receive that is alive, or a branch that someone uses: left alone. */
  readonly busy: readonly DatasetName[];
  readonly problems: readonly Error[];
}

/** What would be done now. Changes nothing, and remembers nothing. */
export async function planTending(options: TendOptions): Promise<TendPlan> {
  const { zfs, homesRoot, conflictsRoot, idleMs, now, signal } = options;
  const list = async (root: DatasetName) => (await zfs.listTree(root, [conflictProperty], { signal })) ?? [];
  const view = {
    homes: await list(homesRoot),
    conflicts: await list(conflictsRoot),
    homesRoot,
    conflictsRoot,
  };
  return planTend(view, await options.memory.read(), { now: now(), idleMs, markOf });
}

/**
 * The server's own work on what Macs may not do themselves: gives up interrupted receives that nobody goes on with,
 * and removes branches whose line the home has. One that fails does not stop the others. Throws when the server's
 * datasets or its memory cannot be read.
 */
export async function tend(options: TendOptions): Promise<TendReport> {
  const { zfs, log, signal } = options;
  const plan = await planTending(options);
  await options.memory.write(plan.memory);
  const aborted: DatasetName[] = [];
  const removed: DatasetName[] = [];
  const busy: DatasetName[] = [];
  const problems: Error[] = plan.doubled.map((one) => doubledError(one, zfs.host.name));
  const attempt = async (
    dataset: DatasetName,
    done: DatasetName[],
    work: () => Promise<void>,
  ): Promise<void> => {
    try {
      await work();
      done.push(dataset);
    } catch (error) {
      if (!isRoamhomeError(error)) throw error;
      if (error.code === 'cancelled') throw error;
      if (error.code === 'dataset-busy') busy.push(dataset);
      else problems.push(error);
    }
  };
  for (const { dataset, idleMs } of plan.abort) {
    await attempt(dataset, aborted, () => zfs.run(receiveAbort(dataset), { signal }));
    log.info('partial-aborted', { dataset, idleMs, done: aborted.includes(dataset) });
  }
  for (const merged of plan.remove) {
    await attempt(merged.branch, removed, () => removeSeen(zfs, merged.datasets, signal));
    log.info('branch-removed', {
      dataset: merged.branch,
      home: merged.home,
      done: removed.includes(merged.branch),
    });
  }
  return { aborted, removed, busy, problems };
}

function markOf(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 32);
}
