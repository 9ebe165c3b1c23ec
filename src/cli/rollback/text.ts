import type { Argv } from '../../host/host.ts';
import type { RollbackPlan } from '../../homes/history/plan-rollback.ts';
import type { Differing } from '../../homes/history/rollback.ts';
import { count } from '../../format/count.ts';
import { binarySize } from '../../format/size.ts';
import { datasetOf, shortNameOf, type SnapshotName } from '../../zfs/names.ts';
import { localTime } from '../../format/time.ts';
import type { JsonDocument } from '../framework/context.ts';

/** What a rollback takes out of a dataset, before a person is asked. Pure. */
export function describeRollbackLoss(
  to: SnapshotName,
  { commands, loss, keptAs }: RollbackPlan,
  { differing, isHome }: { readonly differing: Differing | null; readonly isHome: boolean },
): readonly string[] {
  const dataset = datasetOf(to);
  if (loss === null)
    return [`a rollback of ${dataset} that was begun is finished; what it was is kept as ${keptAs}`];
  if (commands.length === 0) return [];
  const { snapshots, bytes, below } = loss;
  const differ =
    differing === null
      ? 'it is not mounted: which files differ is not known'
      : `files and folders: ${differing.added} new since, ${differing.removed} gone, ${differing.modified} changed, ${differing.renamed} renamed`;
  return [
    `${dataset} goes back to @${shortNameOf(to)}. It loses, and ${keptAs} keeps:`,
    `  ${binarySize(bytes)} written since, in ${count(snapshots.length, 'newer snapshot')} and what is in none yet`,
    ...snapshots.map(
      ({ name, creation, written }) =>
        `    @${shortNameOf(name)}  ${localTime(creation * 1000)}, ${binarySize(Number(written))}`,
    ),
    `  ${differ}`,
    ...(below.length === 0 ? [] : [`  datasets below it stay as they are: ${below.join(', ')}`]),
    ...(isHome
      ? [
          '  it is a home: the next login brings what the other side has newer. To get files back: roamhome restore',
        ]
      : []),
  ];
}

/** The commands of the admin's around a rollback. */
export interface Around {
  readonly before: readonly Argv[];
  readonly after: readonly Argv[];
}

function allCommands({ commands }: RollbackPlan, { before, after }: Around): readonly Argv[] {
  return commands.length === 0 ? [] : [...before, ...commands.map(({ argv }) => argv), ...after];
}

/** What was done, in a line; in a dry run each command. Pure. */
export function describeRollback(
  to: SnapshotName,
  {
    shown,
    done,
    dryRun,
    around,
  }: {
    readonly shown: RollbackPlan | null;
    readonly done: RollbackPlan | null;
    readonly dryRun: boolean;
    readonly around: Around;
  },
): string {
  if (done !== null)
    return `${datasetOf(to)} is as it was at @${shortNameOf(to)}; what it was until now is kept as ${done.keptAs}`;
  if (shown === null || shown.commands.length === 0)
    return `nothing to do: ${datasetOf(to)} is as it was at @${shortNameOf(to)}`;
  if (!dryRun) return 'nothing was changed';
  return allCommands(shown, around)
    .map((argv) => argv.join(' '))
    .join('\n');
}

/** The same for programs. Pure. */
export function rollbackToJson(
  to: SnapshotName,
  {
    plan,
    done,
    around,
  }: { readonly plan: RollbackPlan | null; readonly done: boolean; readonly around: Around },
): JsonDocument {
  return {
    ...{ dataset: datasetOf(to), snapshot: to, done, keptAs: plan?.keptAs ?? null },
    lostBytes: plan?.loss?.bytes ?? null,
    newerSnapshots: plan?.loss?.snapshots.map(({ name }) => name) ?? null,
    commands: plan === null ? [] : allCommands(plan, around),
  };
}
