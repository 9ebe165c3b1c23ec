import { RoamhomeError } from '../../errors/errors.ts';
import type { Argv, Host } from '../../host/host.ts';
import type { ZfsCommand } from '../../zfs/command.ts';
import { mount } from '../../zfs/commands/change.ts';
import { readLocalProperties } from '../../zfs/read-properties.ts';
import { datasetOf, type DatasetName, type SnapshotName } from '../../zfs/names.ts';
import type { SyncZfs } from '../../zfs/sync-zfs.ts';
import {
  asideOf,
  begunAt,
  nextOf,
  planRollback,
  rollbackProperty,
  type RollbackPlan,
  type RollbackView,
} from './plan-rollback.ts';

export interface RollbackOptions {
  readonly zfs: SyncZfs;
  readonly to: SnapshotName;
  readonly now: Date;
  /** Run as root in order before anything is changed, and afterwards whatever happened. */
  readonly before: readonly Argv[];
  readonly after: readonly Argv[];
  /** Asks a person, who has been told what goes. Only `true` changes anything. */
  readonly confirm: (plan: RollbackPlan, differing: Differing | null) => Promise<boolean>;
  /** What a command that is not zfs said. */
  readonly said: (argv: Argv, text: string) => void;
  readonly signal: AbortSignal;
}

/** How many files and folders differ from the snapshot. */
export type Differing = Readonly<Record<'added' | 'removed' | 'modified' | 'renamed', number>>;

/**
 * Puts a dataset back to one of its snapshots, and keeps under another name all that it was. null: there was nothing to
 * do, or the person did not want it. Killed anywhere, the same call goes on.
 */
export async function rollback(options: RollbackOptions): Promise<RollbackPlan | null> {
  const { zfs, to, signal } = options;
  const dataset = datasetOf(to);
  const first = await observeAndPlan(options);
  const isFresh = first.loss !== null && first.commands.length > 0;
  const differing = isFresh ? await countDiffering(zfs, to, signal) : null;
  // A mount alone writes to a dataset.
  const isSame = first.loss?.snapshots.length === 0 && isNone(differing);
  const plan = isSame ? { ...first, commands: [] } : first;
  if (!(await options.confirm(plan, differing)) || plan.commands.length === 0) return null;
  const failures: unknown[] = [];
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      failures.push(error);
    }
  };
  await attempt(async () => {
    for (const argv of options.before) await runCommand(zfs.host, argv, options, signal);
    signal.throwIfAborted();
    // As it is now that nothing uses it any more. Without a signal: between its commands the dataset may have no name.
    await runAll(zfs, dataset, (await observeAndPlan(options)).commands);
  });
  for (const argv of options.after) await attempt(() => runCommand(zfs.host, argv, options, undefined));
  if (failures.length > 0) throw failures[0];
  return plan;
}

async function observeAndPlan({ zfs, to, now, signal }: RollbackOptions): Promise<RollbackPlan> {
  const dataset = datasetOf(to);
  const tree = async (root: DatasetName) =>
    (await zfs.listTree(root, ['canmount', 'mountpoint', 'origin', 'encryptionroot', rollbackProperty], {
      signal,
    })) ?? [];
  const [present, next] = [await tree(dataset), await tree(nextOf(dataset))];
  const begun = begunAt({ present, next });
  const view: RollbackView = {
    present,
    next,
    aside: begun === null ? [] : await tree(asideOf(dataset, begun)),
  };
  const own =
    present.length === 0 ? {} : ((await readLocalProperties(zfs, dataset, { signal })).get(dataset) ?? {});
  const stamp = now.toISOString().replace(/[-:]|\.\d+/g, '');
  return planRollback(view, { dataset, to, stamp, own });
}

async function runAll(
  zfs: SyncZfs,
  dataset: DatasetName,
  commands: readonly ZfsCommand<void>[],
): Promise<void> {
  try {
    for (const command of commands) await zfs.run(command);
  } catch (error) {
    if (!(error instanceof RoamhomeError)) throw error;
    await remount(zfs, dataset, commands);
    const { code, message, remedy } = error;
    throw new RoamhomeError({
      code,
      message,
      remedy: `${remedy} Nothing is lost; the same \`roamhome rollback\` of ${dataset} goes on from here.`,
      cause: error,
    });
  }
}

/** What uses the dataset must not be started on an empty folder where it still is what it was. */
async function remount(
  zfs: SyncZfs,
  dataset: DatasetName,
  commands: readonly ZfsCommand<void>[],
): Promise<void> {
  const [present] = (await zfs.listTree(dataset, [])) ?? [];
  const again = mount(dataset);
  const isMeant = commands.some(({ argv }) => argv.join(' ') === again.argv.join(' '));
  if (present?.mounted === false && isMeant) await zfs.run(again);
}

function isNone(differing: Differing | null): boolean {
  return differing !== null && Object.values(differing).every((count) => count === 0);
}

/** null: zfs tells it only of what is mounted. */
async function countDiffering(
  zfs: SyncZfs,
  to: SnapshotName,
  signal: AbortSignal,
): Promise<Differing | null> {
  const dataset = datasetOf(to);
  const [present] = (await zfs.listTree(dataset, [], { signal })) ?? [];
  if (present?.mounted !== true) return null;
  const counts = { added: 0, removed: 0, modified: 0, renamed: 0 };
  for await (const { change } of zfs.diff(dataset, to, { signal }))
    counts[change === 'links' ? 'modified' : change] += 1;
  return counts;
}

async function runCommand(
  host: Host,
  argv: Argv,
  { said }: RollbackOptions,
  signal: AbortSignal | undefined,
): Promise<void> {
  const {
    exitCode,
    stdout,
    stderr,
    signal: killed,
  } = await host.run(argv, signal === undefined ? {} : { signal });
  const text = `${stdout}${stderr}`.trim();
  if (text !== '') said(argv, text);
  if (exitCode === 0) return;
  throw new RoamhomeError({
    code: 'command-failed',
    message: `${argv.join(' ')} ended with ${exitCode ?? killed ?? 'no exit code'}`,
    remedy:
      'See what it said above. A command given with --before stops the rollback; one given with --after does not undo it.',
  });
}
