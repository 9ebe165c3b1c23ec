import { randomInt } from 'node:crypto';
import { isRoamhomeError, RoamhomeError } from '../../errors/errors.ts';
import { nextSnapshotName, parseSnapshotName, snapshotNameAt } from '../../sync/snapshot-name.ts';
import { snapshotAs } from '../../zfs/commands/change.ts';
import { hasRoomFor, snapshotOf, type DatasetName, type SnapshotName } from '../../zfs/names.ts';
import type { Session } from '../session.ts';

/**
 * The whole name of a dataset's snapshot: `short`, or where the dataset's own name leaves no room for that its instant
 * alone, in base 36. null: there is no room for that either. Pure.
 */
export function snapshotAt(dataset: DatasetName, short: string): SnapshotName | null {
  const at = parseSnapshotName(short)?.at.getTime() ?? 0;
  const fitting = [short, `roamhome-${at.toString(36)}`].find((name) => hasRoomFor(dataset, name));
  return fitting === undefined ? null : snapshotOf(dataset, fitting);
}

export interface Made {
  readonly short: string;
  readonly names: ReadonlyMap<DatasetName, SnapshotName>;
  /** `no-snapshot`, for each dataset that has none now. */
  readonly missed: readonly RoamhomeError[];
}

/**
 * One snapshot of all these datasets at one instant. Where zfs refuses that because of one of them, the others are
 * snapshotted one by one. Throws `no-snapshot` where none could be made.
 */
export async function makeSnapshots(session: Session, datasets: readonly DatasetName[]): Promise<Made> {
  const { config, now, log, user } = session;
  const instant = now();
  const short = snapshotNameAt(instant, config.local.macName);
  /** null: the name is taken. */
  const make = async (name: string): Promise<Made | null> => {
    const names = new Map<DatasetName, SnapshotName>();
    const missed: RoamhomeError[] = [];
    for (const dataset of datasets) {
      const whole = snapshotAt(dataset, name);
      if (whole === null) missed.push(nameTooLong(dataset));
      else names.set(dataset, whole);
    }
    const refused = await snapshotAll(session, names);
    if (refused === null) return null;
    for (const [dataset, error] of refused) {
      names.delete(dataset);
      // It was destroyed since it was listed.
      if (error.code !== 'dataset-missing') missed.push(noSnapshot(dataset, error));
    }
    if (names.size === 0) {
      const [[dataset, why] = [session.localHome, undefined]] = refused;
      throw missed[0] ?? noSnapshot(dataset, why ?? new Error('there is nothing to snapshot'));
    }
    return { short: name, names, missed };
  };
  // Two in one millisecond, or a clock set back to the very instant: any other name will do.
  const again = (): string => nextSnapshotName(instant, config.local.macName, randomInt);
  const made = (await make(short)) ?? (await make(again())) ?? (await make(again()));
  if (made === null) throw noSnapshot(datasets[0] ?? session.localHome, new Error('all names are taken'));
  log.info('snapshot-made', { user, dataset: datasets[0] ?? session.localHome, snapshot: made.short });
  return made;
}

/** What is wrong with the whole pool, or with the run, is so for each dataset. */
const ofAll = ['no-space', 'pool-suspended', 'zfs-not-installed', 'cancelled', 'timed-out'] as const;

/** Why some have none; nothing: all have theirs. null: the name is taken. */
async function snapshotAll(
  { local, signal }: Session,
  names: ReadonlyMap<DatasetName, SnapshotName>,
): Promise<ReadonlyMap<DatasetName, RoamhomeError> | null> {
  const refused = new Map<DatasetName, RoamhomeError>();
  if (names.size === 0) return refused;
  try {
    await local.run(snapshotAs([...names.values()]), { signal });
  } catch (error) {
    if (!isRoamhomeError(error)) throw error;
    if (error.code === 'dataset-exists') return null;
    const isOne = names.size === 1 || isRoamhomeError(error, ...ofAll);
    for (const [dataset, name] of names) {
      const why = isOne ? error : await refusal(local.run(snapshotAs([name]), { signal }));
      if (why !== null) refused.set(dataset, why);
    }
  }
  return refused;
}

async function refusal(command: Promise<void>): Promise<RoamhomeError | null> {
  try {
    await command;
    return null;
  } catch (error) {
    if (!isRoamhomeError(error)) throw error;
    return error;
  }
}

/** The loudest of all that a run can say. */
export function noSnapshot(dataset: DatasetName, cause: unknown): RoamhomeError {
  const [why, remedy] = isRoamhomeError(cause)
    ? [cause.message, remedyOf(dataset, cause)]
    : [String(cause), 'Look at the log for why.'];
  return new RoamhomeError({
    code: 'no-snapshot',
    message: `NO snapshot of ${dataset} was made: ${why}`,
    remedy: `${remedy} The job tries again by itself, and so does \`roamhome push --pending\`.`,
    retryable: true,
    cause,
  });
}

function remedyOf(dataset: DatasetName, { code, remedy }: RoamhomeError): string {
  if (code !== 'no-space' && code !== 'quota-exceeded') return remedy;
  const [pool = ''] = dataset.split('/');
  return `Free space in the pool ${pool} of this machine: \`zfs list -r -o space ${pool}\` shows where it went.`;
}

export function nameTooLong(dataset: DatasetName): RoamhomeError {
  return new RoamhomeError({
    code: 'no-snapshot',
    message: `NO snapshot of ${dataset} was made: its name leaves no room for that of a snapshot`,
    remedy: `Give it a shorter name, by \`zfs rename ${dataset} ${dataset.slice(0, dataset.lastIndexOf('/'))}/NAME\`.`,
  });
}
