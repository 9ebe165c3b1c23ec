import { EX } from '../errors/exit-codes.ts';
import { choosePast, datasetsOfPath, parseWanted } from '../history/choose-snapshots.ts';
import { pathInHome, readHistory } from '../history/read-history.ts';
import { restoreFromHistory } from '../history/restore-from-history.ts';
import type { CliContext, GlobalOptions } from './context.ts';
import { asideLabel, describeChosen, formatRestored, restoredToJson } from './history-text.ts';
import { withConflicts } from './open-conflicts.ts';
import { requireRoot } from './require-root.ts';
import { notRestoredLines } from './restore-text.ts';

export interface RestoreCliOptions extends GlobalOptions {
  readonly user: string;
  readonly path: string;
  readonly at: string;
  readonly to: string | undefined;
  readonly local: boolean;
  readonly json: boolean;
}

/** Restores one path, says of which snapshot, and by its exit code whether all of it came back. */
export async function runRestore(options: RestoreCliOptions, context: CliContext): Promise<void> {
  requireRoot('restoring mounts a snapshot and writes as its user');
  await withConflicts(options, context, async ({ sessionOf, orWithoutServer, system, log }) => {
    const session = sessionOf(options.user);
    const ask = (withServer: boolean) => readHistory(session, withServer);
    const { history, homes } = options.local
      ? await ask(false)
      : await orWithoutServer((server) => ask(server !== null));
    const parts = pathInHome(options.path, session.mountpoint, history);
    const now = new Date();
    const past = choosePast(history, parseWanted(options.at, history, now));
    const chosen = [...datasetsOfPath(past, parts).values()];
    process.stderr.write(`roamhome: ${describeChosen(chosen)}\n`);
    const outcome = await restoreFromHistory(session, {
      ...{ past, homes, parts, to: options.to ?? null },
      label: asideLabel(now),
      hostAs: system.hostAs,
    });
    const { restored, skipped, failed, target, kept } = outcome;
    log.info('restored', {
      ...{ user: options.user, target, snapshot: chosen[0]?.short ?? 'none' },
      ...{ restored: restored.length, skipped: skipped.length, failed: failed.length, kept: kept.length },
    });
    if (options.json) context.print(restoredToJson(outcome, chosen));
    else {
      for (const line of notRestoredLines(outcome)) process.stderr.write(`${line}\n`);
      context.print(formatRestored(outcome));
    }
    if (skipped.length + failed.length > 0) context.setExitCode(EX.CANTCREAT);
  });
}
