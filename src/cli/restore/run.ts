import { isRoamhomeError, RoamhomeError } from '../../errors/errors.ts';
import { EX } from '../../errors/exit-codes.ts';
import { count } from '../../format/count.ts';
import { choosePast, datasetsOfPath, parseWanted } from '../../homes/history/choose-snapshots.ts';
import { pathInHome, readHistory, requireInHome } from '../../homes/history/read-history.ts';
import { restoreFromHistory, type RestoreOutcome } from '../../homes/history/restore-from-history.ts';
import type { ProgressSink } from '../../progress/event.ts';
import { endOf } from '../../homes/report.ts';
import type { CliContext, GlobalOptions } from '../framework/context.ts';
import { asideLabel, describeChosen, formatRestored, restoredToJson } from '../text/history.ts';
import { withConflicts } from '../framework/open-conflicts.ts';
import { requireRoot } from '../framework/require-root.ts';
import { notRestoredLines } from '../text/restore.ts';
import { watchRun } from '../framework/watch-run.ts';

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
  await withConflicts({ ...options, hasBar: true }, context, 'change', async (open) => {
    const { sessionOf, orWithoutServer, system, log, config } = open;
    const session = sessionOf(options.user);
    const ask = (withServer: boolean) => readHistory(session, withServer);
    const { history, homes } = options.local
      ? await ask(false)
      : await orWithoutServer((server) => ask(server !== null));
    const parts = pathInHome(options.path, session.mountpoint, history);
    if (options.to === undefined) requireInHome(parts, history);
    const now = new Date();
    const past = choosePast(history, parseWanted(options.at, history, now));
    const chosen = [...datasetsOfPath(past, parts).values()];
    process.stderr.write(`roamhome: ${describeChosen(chosen)}\n`);
    const restore = async (onProgress: ProgressSink): Promise<RestoreOutcome> => {
      try {
        const done = await restoreFromHistory(
          { ...session, onProgress },
          {
            ...{ past, homes, parts, to: options.to ?? null },
            label: asideLabel(now),
            hostAs: system.hostAs,
          },
        );
        onProgress(endOf(`restored ${count(done.restored.length, 'path')}`, { problems: [], warnings: [] }));
        return done;
      } catch (error) {
        onProgress(endOf('not restored', { problems: [withoutNames(error)], warnings: [] }));
        throw error;
      }
    };
    const run = { what: 'restore', user: session.user } as const;
    const outcome = await watchRun(run, { config, log, verbose: options.verbose }, restore);
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

/** Everybody may read how a run went: what the files of a user are called is told to root alone. */
function withoutNames(error: unknown): Error {
  if (!isRoamhomeError(error)) return new Error('a bug');
  return new RoamhomeError({ code: error.code, message: 'not restored', remedy: 'The command said why.' });
}
