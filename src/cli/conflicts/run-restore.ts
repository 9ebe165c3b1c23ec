import { restoreConflict } from '../../homes/conflicts/restore-conflict.ts';
import { RoamhomeError } from '../../errors/errors.ts';
import { EX } from '../../errors/exit-codes.ts';
import { conflictHere } from './conflict-here.ts';
import type { CliContext, GlobalOptions } from '../framework/context.ts';
import { asideLabel } from '../text/history.ts';
import { withConflicts } from '../framework/open-conflicts.ts';
import { requireRoot } from '../framework/require-root.ts';
import { notRestoredLines, restoreToJson, summariseRestore } from '../text/restore.ts';

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
  await withConflicts(options, context, 'change', async (open) => {
    const { session, dataset } = await conflictHere(open, options.name);
    const report = await restoreConflict(session, dataset, {
      paths: options.all ? null : options.paths,
      to: options.to ?? null,
      overwrite: options.overwrite,
      label: asideLabel(new Date()),
      hostAs: open.system.hostAs,
    });
    const { restored, skipped, failed, kept, beside, target } = report;
    open.log.info('conflict-restored', {
      dataset,
      target,
      restored: restored.length,
      skipped: skipped.length,
      failed: failed.length,
      kept: kept.length,
      beside: beside.length,
    });
    if (!options.json) for (const line of notRestoredLines(report)) process.stderr.write(`${line}\n`);
    context.print(options.json ? restoreToJson(report) : summariseRestore(report));
    if (skipped.length + failed.length > 0) context.setExitCode(EX.CANTCREAT);
  });
}
