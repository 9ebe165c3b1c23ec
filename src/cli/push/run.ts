import { isRoamhomeError } from '../../errors/errors.ts';
import { EX, exitCodeOf } from '../../errors/exit-codes.ts';
import {
  describePending,
  describePush,
  pushPending,
  yieldedPush,
  serverProblem,
  type PushOutcome,
} from '../../homes/push-pending.ts';
import { endOf } from '../../homes/report.ts';
import { adoptNotes, listAll, spoolsOf } from '../../homes/pending/notes-elsewhere.ts';
import { wireServer, wireSession } from '../../wire/session.ts';
import { parseUserName } from '../../zfs/names.ts';
import type { CliContext, GlobalOptions } from '../framework/context.ts';
import { loadCliConfig } from '../framework/load-cli-config.ts';
import { describeError } from '../framework/report-error.ts';
import { requireRoot } from '../framework/require-root.ts';
import { systemKind } from '../../config/system-kind.ts';
import { openLog, openSystem } from '../../wire/system.ts';
import { watchRun } from '../framework/watch-run.ts';

export interface PushCliOptions extends GlobalOptions {
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** Sends home after home over one connection; the server's absence ends it, a home's own trouble does not. */
export async function runPush(options: PushCliOptions, context: CliContext): Promise<void> {
  requireRoot('a push sends all of a home');
  const loaded = await loadCliConfig(options, 'session');
  const { config } = loaded;
  const spools = spoolsOf(config, systemKind(process.platform));
  if (!options.dryRun) await adoptNotes(spools, new Date());
  const pending = await listAll(spools);
  if (options.dryRun || pending.length === 0) {
    context.print(
      options.json ? (options.dryRun ? { dryRun: true, pending } : { homes: [] }) : describePending(pending),
    );
    return;
  }
  const system = openSystem(config);
  const log = openLog(config, system.platform, { ...options, hasBar: true });
  const machineId = await system.platform.machineId();
  const serverHost = wireServer(loaded);
  try {
    const outcomes: PushOutcome[] = [];
    for (const { user } of pending) {
      const outcome = await orStillPending(user, () =>
        context.forOneHome(({ signal, hasYielded }) =>
          watchRun(
            { what: 'push', user: parseUserName(user) },
            { config, log, verbose: options.verbose },
            async (onProgress) => {
              const pushed = await pushPending(
                wireSession({ ...system, machineId, user, loaded, log, signal, serverHost, onProgress }),
              );
              const done = hasYielded() ? yieldedPush(pushed) : pushed;
              onProgress(endOf(describePush(done), done));
              return done;
            },
          ),
        ),
      );
      outcomes.push(outcome);
      for (const warning of outcome.warnings) {
        log.warn('push-warning', { user, warning });
        if (!options.json) process.stderr.write(`roamhome: ${warning}\n`);
      }
      log.info('pending-push', { user, outcome: outcome.outcome, pushedBytes: outcome.pushedBytes });
      for (const error of outcome.problems) {
        log.error('push-problem', { user, error });
        if (!options.json)
          process.stderr.write(`${describeError(error, { verbose: options.verbose }).join('\n')}\n`);
      }
      if (serverProblem(outcome) !== null || context.signal.aborted) break;
    }
    context.print(options.json ? { homes: outcomes } : outcomes.map(describePush).join('\n'));
    const first = outcomes.flatMap(({ problems }) => problems)[0];
    if (first !== undefined) context.setExitCode(exitCodeOf(first));
    else if (outcomes.some(({ conflict }) => conflict)) context.setExitCode(EX.CONFLICT);
  } finally {
    await serverHost.close();
    await system.localHost.close();
    await log.close();
  }
}

/** A home that cannot even be tried, as one whose file has no user's name, does not keep the others waiting. */
async function orStillPending(user: string, push: () => Promise<PushOutcome>): Promise<PushOutcome> {
  try {
    return await push();
  } catch (error) {
    if (!isRoamhomeError(error)) throw error;
    return {
      user,
      outcome: 'still-pending',
      conflict: false,
      pushedBytes: 0,
      problems: [error],
      warnings: [],
    };
  }
}
