import { isRoamhomeError, type RoamhomeError } from '../errors/errors.ts';
import { Slots } from '../host/ssh/slots.ts';
import { doubledError } from '../zfs/doubled-error.ts';
import type { ThinnableDataset } from '../zfs/commands/list-thinnable.ts';
import { describeFuture } from './describe-thinning.ts';
import { planHomes, type PlannedDataset, type ThinningJob } from './plan-homes.ts';
import { withArrivals } from './arrivals.ts';
import { all } from './attempt.ts';
import { thinDataset, type DatasetReport } from './thin-dataset.ts';

/** More at a time gain nothing: ZFS writes all of a pool's changes in one transaction group after the other. */
const atATime = 4;

export interface ThinReport {
  readonly datasets: readonly DatasetReport[];
  /** Homes that were left for the next time: a login, a logout or a push is at them. */
  readonly inUse: readonly string[];
  readonly problems: readonly RoamhomeError[];
  /** Snapshots whose time has not come yet, in words. */
  readonly future: readonly string[];
}

/**
 * Thins the homes of this machine as they were listed just now, several at a time. A home that cannot be thinned, or only in part, does not stop the
 * others. Throws what `planHomes` throws, and `cancelled`.
 */
export async function thinHomes(job: ThinningJob, listed: readonly ThinnableDataset[]): Promise<ThinReport> {
  const planned = await planHomes(job, listed);
  // The clock is believed from here on, whatever becomes of the homes.
  const now = Math.floor(job.now() / 1000);
  await job.lastRun.write(now);
  await job.arrivals.write(withArrivals(await job.arrivals.read(), listed, now));
  const homes = new Map<string, PlannedDataset[]>();
  for (const one of planned) {
    if (one.destroyed.length === 0 && one.expired.length === 0) continue;
    homes.set(one.home, [...(homes.get(one.home) ?? []), one]);
  }
  const [homeSlots, slots] = [new Slots(atATime), new Slots(atATime)];
  const outcomes = await all(
    [...homes].map(async ([home, datasets]) => {
      const giveBack = await homeSlots.take(job.signal);
      try {
        return await thinHome(job, home, datasets, slots);
      } finally {
        giveBack();
      }
    }),
  );
  return {
    future: planned.flatMap(describeFuture),
    datasets: outcomes.flatMap((one) => one.datasets),
    inUse: outcomes.flatMap((one) => one.inUse),
    problems: [
      ...planned.flatMap(({ doubled }) =>
        doubled === null ? [] : [doubledError(doubled, job.zfs.host.name)],
      ),
      ...outcomes.flatMap(({ problems, datasets }) => [
        ...problems,
        ...datasets.flatMap((one) => one.problems),
      ]),
    ],
  };
}

async function thinHome(
  { zfs, lock, log, signal }: ThinningJob,
  home: string,
  planned: readonly PlannedDataset[],
  slots: Slots,
): Promise<Omit<ThinReport, 'future'>> {
  let unlock: (() => Promise<void>) | undefined;
  try {
    unlock = await lock?.(home);
  } catch (error) {
    if (!isRoamhomeError(error) || error.code === 'cancelled') throw error;
    const isInUse = error.code === 'locked';
    log.info('thinning-put-off', { user: home, error });
    return { datasets: [], inUse: isInUse ? [home] : [], problems: isInUse ? [] : [error] };
  }
  const datasets: DatasetReport[] = [];
  try {
    for (const one of planned) {
      const done = await thinDataset(one, { zfs, slots, log, signal });
      datasets.push(done);
      const { dataset, destroyed, forgotten, problems } = done;
      log.info('thinned', {
        dataset,
        snapshots: destroyed.length,
        bookmarks: forgotten,
        problems: problems.length,
      });
    }
  } finally {
    await unlock?.();
  }
  return { datasets, inUse: [], problems: [] };
}
