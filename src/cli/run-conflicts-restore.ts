import { restoreConflict, type RestoreReport } from '../conflicts/restore-conflict.ts';
import type { NotRestored } from '../conflicts/restore-plan.ts';
import { pathText } from '../conflicts/file-tree.ts';
import { RoamhomeError } from '../errors/errors.ts';
import { EX } from '../errors/exit-codes.ts';
import { visible } from '../log/visible.ts';
import { conflictHere } from './conflict-here.ts';
import type { CliContext, GlobalOptions } from './context.ts';
import { plainPath } from './diff-text.ts';
import { withConflicts } from './open-conflicts.ts';
import { requireRoot } from './require-root.ts';

export interface ConflictsRestoreOptions extends GlobalOptions {
  readonly name: string;
  readonly paths: readonly string[];
  readonly all: boolean;
  readonly to: string | undefined;
  readonly overwrite: boolean;
  readonly json: boolean;
}

/** Restores what was chosen, names what was not restored, and says so by its exit code. */
export async function runConflictsRestore(
  options: ConflictsRestoreOptions,
  context: CliContext,
): Promise<void> {
  requireRoot('restoring mounts the conflict and writes as its user');
  if (options.all === options.paths.length > 0) {
    throw new RoamhomeError({
      code: 'usage',
      message: 'say what to restore: paths, or --all',
      remedy: '`roamhome conflicts diff NAME` shows what the conflict has and the home has not.',
    });
  }
  await withConflicts(options, context, async (open) => {
    const { session, dataset } = await conflictHere(open, options.name);
    const report = await restoreConflict(session, dataset, {
      paths: options.all ? null : options.paths,
      to: options.to ?? null,
      overwrite: options.overwrite,
      hostAs: open.system.hostAs,
    });
    const { restored, skipped, failed, target } = report;
    open.log.info('conflict-restored', {
      dataset,
      target,
      restored: restored.length,
      skipped: skipped.length,
      failed: failed.length,
    });
    if (!options.json) for (const line of notRestoredLines(report)) process.stderr.write(`${line}\n`);
    context.print(options.json ? restoreToJson(report) : summariseRestore(report));
    if (skipped.length + failed.length > 0) context.setExitCode(EX.CANTCREAT);
  });
}

/** What was left out, and the warnings. Pure. */
export function notRestoredLines({ skipped, failed, warnings }: RestoreReport): readonly string[] {
  return [
    ...warnings.map((warning) => `roamhome: ${warning}`),
    ...[...skipped, ...failed].map(
      ({ path, why }) => `not restored: ${visible(`${pathText(path)}: ${why}`)}`,
    ),
  ];
}

/** One line; a directory counts as one, with all that is in it. Pure. */
export function summariseRestore({ restored, skipped, failed, target }: RestoreReport): string {
  const left = skipped.length + failed.length;
  const rest = left === 0 ? '' : `, ${left} not restored`;
  if (restored.length + left === 0) return `nothing to restore: ${target} has all of it`;
  return `restored ${restored.length} ${restored.length === 1 ? 'path' : 'paths'} to ${target}${rest}`;
}

function restoreToJson({ restored, skipped, failed, ...plain }: RestoreReport): string {
  const left = (list: readonly NotRestored[]) => list.map(({ path, why }) => ({ ...plainPath(path), why }));
  return JSON.stringify(
    { ...plain, restored: restored.map(plainPath), skipped: left(skipped), failed: left(failed) },
    null,
    2,
  );
}
