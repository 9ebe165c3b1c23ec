import { withLock } from '../../homes/lock/with-lock.ts';
import type { Config } from '../../config/schema.ts';
import { RoamhomeError } from '../../errors/errors.ts';
import type { RollbackPlan } from '../../homes/history/plan-rollback.ts';
import { rollback } from '../../homes/history/rollback.ts';
import { splitWords } from '../../homes/history/split-words.ts';
import { visible } from '../../log/visible.ts';
import { sessionProperty } from '../../sync/properties.ts';
import { describeSession, parseSessionRecord } from '../../homes/presence/session-record.ts';
import { childOf, isUserName, parseDatasetName, snapshotOf, type DatasetName } from '../../zfs/names.ts';
import type { SyncZfs } from '../../zfs/sync-zfs.ts';
import { ask } from '../framework/ask.ts';
import type { CliContext, GlobalOptions } from '../framework/context.ts';
import { withConflicts } from '../framework/open-conflicts.ts';
import { requireRoot } from '../framework/require-root.ts';
import { describeRollback, describeRollbackLoss, rollbackToJson } from './text.ts';

export interface RollbackCliOptions extends GlobalOptions {
  readonly dataset: string;
  readonly snapshot: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly json: boolean;
}

/** Puts a dataset back once the person has said so. A home has to be out of use, and stays so meanwhile. */
export async function runRollback(options: RollbackCliOptions, context: CliContext): Promise<void> {
  requireRoot('a rollback renames and mounts datasets');
  const dataset = parseDatasetName(options.dataset);
  const to = snapshotOf(dataset, options.snapshot.slice(options.snapshot.indexOf('@') + 1));
  const around = { before: options.before.map(splitWords), after: options.after.map(splitWords) };
  await withConflicts(options, context, 'change', async ({ config, local, log, sessionOf }) => {
    const { signal } = context;
    const home = homeOf(dataset, config);
    let shown: RollbackPlan | null = null;
    const work = async (): Promise<void> => {
      if (home !== null) await refuseInUse(local, home, signal);
      const done = await rollback({
        ...{ zfs: local, to, now: new Date(), ...around, signal },
        confirm: async (plan, differing) => {
          shown = plan;
          if (plan.commands.length === 0) return false;
          const lines = describeRollbackLoss(to, plan, { differing, isHome: home !== null });
          process.stderr.write(`${lines.join('\n')}\n`);
          if (options.dryRun) return false;
          return options.yes || (await isMeant(dataset, signal));
        },
        said: (argv, text) => {
          process.stderr.write(`${argv[0]}: ${text.split('\n').map(visible).join(`\n${argv[0]}: `)}\n`);
        },
      });
      if (done !== null) log.warn('rolled-back', { dataset, snapshot: to, conflict: done.keptAs });
      context.print(
        options.json
          ? rollbackToJson(to, { plan: shown, done: done !== null, around })
          : describeRollback(to, { shown, done, dryRun: options.dryRun, around }),
      );
    };
    await (home === null ? work() : withLock(sessionOf(home.user), 'rollback', work));
  });
}

interface Home {
  readonly user: string;
  readonly root: DatasetName;
}

/** The home that a dataset is, or is part of, on a Mac or on the server; null: it is of none. */
function homeOf(dataset: DatasetName, { local, server }: Config): Home | null {
  for (const root of [local.root, server.root]) {
    const [user = ''] = dataset.startsWith(`${root}/`) ? dataset.slice(root.length + 1).split('/') : [];
    if (isUserName(user)) return { user, root: childOf(parseDatasetName(root), user) };
  }
  return null;
}

async function refuseInUse(zfs: SyncZfs, { user, root }: Home, signal: AbortSignal): Promise<void> {
  const tree = (await zfs.listTree(root, ['mountpoint', sessionProperty], { signal })) ?? [];
  const mounted = tree.find((one) => one.mounted);
  const record = parseSessionRecord(
    tree.find(({ name }) => name === root)?.properties[sessionProperty] ?? '-',
  );
  if (mounted === undefined && record === null) return;
  const why =
    record !== null
      ? describeSession(user, record, new Date())
      : `${mounted?.name ?? root} is mounted at ${mounted?.properties['mountpoint'] ?? '-'}`;
  throw new RoamhomeError({
    code: 'home-busy',
    message: `${root} is a home in use: ${why}`,
    remedy: `Log ${user} out first; or restore files beside their work: \`roamhome restore ${user} PATH --at TIME\`.`,
  });
}

async function isMeant(dataset: DatasetName, signal: AbortSignal): Promise<boolean> {
  return (await ask('Type the dataset to put it back: ', 'Run it with --yes.', signal)).trim() === dataset;
}
