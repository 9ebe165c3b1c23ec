import { createHash } from 'node:crypto';
import { isRoamhomeError, RoamhomeError } from '../../errors/errors.ts';
import type { Log } from '../../log/log.ts';
import { conflictProperty } from '../../sync/properties.ts';
import { doubledError } from '../../zfs/doubled-error.ts';
import { createContainer, rename } from '../../zfs/commands/arrange.ts';
import { receiveAbort } from '../../zfs/commands/stream.ts';
import { parseDatasetName, type DatasetName, type SnapshotName } from '../../zfs/names.ts';
import { removeSeen } from '../../zfs/remove-seen.ts';
import { seenDatasets } from '../../zfs/seen-dataset.ts';
import type { SyncZfs } from '../../zfs/sync-zfs.ts';
import { likenessOf, markOf as markOfSnapshot, type Contents } from '../../sync/likeness.ts';
import {
  planTend,
  unprovenInWords,
  type MergedBranch,
  type TendMemory,
  type TendPlan,
  type UnprovenBranch,
} from './plan-tend.ts';
import type { RunningPrograms } from '../../platform/running-program.ts';
import { removedRootOf } from './removed.ts';

export interface TendOptions {
  /** The server's own ZFS, as root. */
  readonly zfs: SyncZfs;
  readonly homesRoot: DatasetName;
  readonly conflictsRoot: DatasetName;
  /** How long an interrupted receive may wait to be resumed. */
  readonly idleMs: number;
  /** How long one may take that is resumed again and again. */
  readonly longestMs: number;
  readonly now: () => number;
  readonly memory: {
    readonly read: () => Promise<TendMemory>;
    readonly write: (memory: TendMemory) => Promise<void>;
  };
  readonly contents: {
    readonly read: () => Promise<Contents>;
    readonly write: (contents: Contents) => Promise<void>;
    /** A digest of all that is in a snapshot, which two that hold the same share. Reads all of it. */
    readonly digestOf: (snapshot: SnapshotName) => Promise<string>;
  };
  /** What runs on the server. */
  readonly programs: RunningPrograms;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export interface TendReport {
  readonly aborted: readonly DatasetName[];
  /** Branches that were put where they are kept for a while. */
  readonly removed: readonly DatasetName[];
  /** What was removed long ago and is gone for good now. */
  readonly destroyed: readonly DatasetName[];
  /** Merged by what a client wrote, but holding something else, or not to be compared here: these stay. */
  readonly unproven: readonly DatasetName[];
  /** A receive that is alive, or a branch that someone uses: left alone. */
  readonly busy: readonly DatasetName[];
  readonly problems: readonly Error[];
}

/** What would be done now. Changes nothing, and remembers nothing. */
export async function planTending(options: TendOptions): Promise<TendPlan> {
  const { zfs, homesRoot, conflictsRoot, idleMs, longestMs, now, signal } = options;
  const list = async (root: DatasetName) =>
    (await zfs.listTree(root, ['encryptionroot', conflictProperty], { signal })) ?? [];
  const view = {
    homes: await list(homesRoot),
    conflicts: await list(conflictsRoot),
    removed: await list(removedRootOf(conflictsRoot)),
    programs: await options.programs.list(),
    homesRoot,
    conflictsRoot,
  };
  const contents = await options.contents.read();
  return planTend(view, await options.memory.read(), contents, { now: now(), idleMs, longestMs, markOf });
}

/**
 * The server's own work on what Macs may not do themselves: ends receives that are fed for ever, gives up interrupted receives that nobody goes on with,
 * puts away branches whose line the home has, and destroys what was put away long ago. One that fails does not stop the others. Throws when the server's
 * datasets or its memory cannot be read.
 */
export async function tend(options: TendOptions): Promise<TendReport> {
  const { zfs, log, signal } = options;
  const plan = await planTending(options);
  await options.memory.write(plan.memory);
  await options.contents.write(plan.contents);
  const aborted: DatasetName[] = [];
  const removed: DatasetName[] = [];
  const destroyed: DatasetName[] = [];
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
  for (const { dataset, program, because } of plan.end) {
    // Whether it could be ended shows below: what a receive still holds is busy.
    const done = await options.programs.end(program, signal);
    const { pid, uid, ageMs } = program;
    log.warn('receive-ended', { dataset, pid, uid, ageMs, because, done });
  }
  for (const { dataset, idleMs, ageMs } of plan.abort) {
    await attempt(dataset, aborted, () => zfs.run(receiveAbort(dataset), { signal }));
    log.info('partial-aborted', { dataset, idleMs, ageMs, done: aborted.includes(dataset) });
  }
  const proven = [...plan.remove];
  const unproven: UnprovenBranch[] = [...plan.unproven];
  const compared: DatasetName[] = [];
  for (const merged of plan.compare) {
    const { branch, home } = merged;
    await attempt(branch, compared, async () => {
      const isSame = await holdsTheSame(merged, options);
      log.info('branch-compared', { dataset: branch, home, isSame });
      if (isSame) proven.push(merged);
      else unproven.push({ branch, home, why: 'different' });
    });
  }
  for (const merged of proven) {
    await attempt(merged.branch, removed, () => putAway(zfs, merged, signal));
    log.info('branch-removed', {
      dataset: merged.branch,
      home: merged.home,
      done: removed.includes(merged.branch),
    });
  }
  for (const { dataset, datasets } of plan.destroy) {
    await attempt(dataset, destroyed, () => removeSeen(zfs, datasets, signal));
    log.info('removed-branch-destroyed', { dataset, done: destroyed.includes(dataset) });
  }
  for (const one of unproven) log.warn('branch-unproven', { warning: unprovenInWords(one) });
  return {
    ...{ aborted, removed, destroyed, busy, problems },
    unproven: unproven.map(({ branch }) => branch),
  };
}

/**
 * Reads what has not been read yet of the snapshots of a branch and of their twins, until one pair differs. Each digest is noted at once: a run
 * that is killed is gone on with by the next, and nothing is read twice.
 */
async function holdsTheSame(
  { twins }: MergedBranch,
  { contents, signal }: Pick<TendOptions, 'contents' | 'signal'>,
): Promise<boolean> {
  let known = await contents.read();
  for (const pair of twins) {
    for (const snapshot of [pair.branch, pair.home]) {
      signal.throwIfAborted();
      const mark = markOfSnapshot(snapshot);
      if (known[mark] !== undefined) continue;
      known = { ...known, [mark]: await contents.digestOf(snapshot.name) };
      await contents.write(known);
    }
    if (likenessOf([pair], known) !== 'same') return false;
  }
  return true;
}

/**
 * Gives a branch another name, where no key can do anything to it and only root reads it. What came to it after it was looked at
 * is in no proof: then it goes back.
 */
async function putAway(
  zfs: SyncZfs,
  { branch, aside, datasets }: MergedBranch,
  signal: AbortSignal,
): Promise<void> {
  const root = parseDatasetName(aside.slice(0, aside.lastIndexOf('/')));
  if (!(await zfs.exists(root, { signal })))
    await zfs.run(createContainer(root, { readonly: 'on' }), { signal });
  await zfs.run(rename(branch, aside), { signal });
  const found = seenDatasets((await zfs.listTree(aside, [], { signal })) ?? []);
  const namesOf = (all: typeof found, top: string): string =>
    JSON.stringify(
      all.map(({ name, snapshots }) => [name, ...snapshots].map((one) => one.slice(top.length))),
    );
  if (namesOf(found, aside) === namesOf(datasets, branch)) return;
  await zfs.run(rename(aside, branch), { signal });
  throw new RoamhomeError({
    code: 'dataset-busy',
    message: `${branch} was sent to while it was being removed`,
    remedy: 'Nothing was done to it; the next run looks again.',
    retryable: true,
  });
}

function markOf(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 32);
}
