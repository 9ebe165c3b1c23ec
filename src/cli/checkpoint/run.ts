import { isRoamhomeError, type RoamhomeError } from '../../errors/errors.ts';
import { EX, exitCodeOf } from '../../errors/exit-codes.ts';
import type { Log } from '../../log/log.ts';
import {
  checkpoint,
  describeCheckpoint,
  yieldedCheckpoint,
  type CheckpointOutcome,
} from '../../homes/checkpoint.ts';
import { dryRun, type DryRunLine } from '../../homes/dry-run.ts';
import { unwatched, type ProgressSink } from '../../progress/event.ts';
import { usersInUse } from '../../homes/homes-in-use.ts';
import { locateHome } from '../../homes/locate-home.ts';
import { serverProblem } from '../../homes/push-pending.ts';
import { endOf } from '../../homes/report.ts';
import type { Session } from '../../homes/session.ts';
import { parseUserName } from '../../zfs/names.ts';
import { createSyncZfs } from '../../zfs/sync-zfs.ts';
import { logObserver, wireServer, wireSession } from '../../wire/session.ts';
import type { CliContext, GlobalOptions } from '../framework/context.ts';
import { formatDryRun } from '../text/dry-run.ts';
import { loadCliConfig } from '../framework/load-cli-config.ts';
import { describeFindings } from '../text/report.ts';
import { requireRoot } from '../framework/require-root.ts';
import { openLog, openSystem } from '../../wire/system.ts';
import { watchRun } from '../framework/watch-run.ts';

export interface CheckpointCliOptions extends GlobalOptions {
  /** undefined: all whose homes are in use here. */
  readonly user: string | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
}

const noHome = 'no home is in use here';

/** One home after the other over one connection; sets the exit code of the first problem. */
export async function runCheckpoint(options: CheckpointCliOptions, context: CliContext): Promise<void> {
  requireRoot('a checkpoint snapshots and sends all of a home');
  const given = await loadCliConfig(options, 'session');
  const { config } = given;
  const system = openSystem(config);
  const log = openLog(config, system.platform, { ...options, hasBar: !options.dryRun });
  const machineId = await system.platform.machineId();
  const serverHost = wireServer(given);
  const { signal } = context;
  try {
    const zfs = createSyncZfs(system.localHost, logObserver(log));
    const loaded = await locateHome(given, options.user ?? null, zfs);
    const sessionOf = (user: string, onProgress: ProgressSink, abort = signal): Session =>
      wireSession({ ...system, machineId, user, loaded, log, signal: abort, serverHost, onProgress });
    const users = options.user === undefined ? await usersInUse(zfs, loaded.config, signal) : [options.user];
    if (options.dryRun) await tellDryRuns(users, (user) => sessionOf(user, unwatched), options, context);
    else {
      const checkpointOf = (user: string, away: RoamhomeError | null): Promise<CheckpointOutcome> => {
        const run = { what: 'checkpoint', user: parseUserName(user) } as const;
        return context.forOneHome((home) =>
          watchRun(run, { config, log, verbose: options.verbose }, async (onProgress) => {
            const done = await orFailed(user, () =>
              checkpoint(sessionOf(user, onProgress, home.signal), away),
            );
            const outcome = home.hasYielded() ? yieldedCheckpoint(done) : done;
            onProgress(endOf(describeCheckpoint(outcome), outcome));
            return outcome;
          }),
        );
      };
      await tellOutcomes(users, checkpointOf, log, options, context);
    }
  } finally {
    await serverHost.close();
    await system.localHost.close();
    await log.close();
  }
}

async function tellOutcomes(
  users: readonly string[],
  checkpointOf: (user: string, away: RoamhomeError | null) => Promise<CheckpointOutcome>,
  log: Log,
  options: CheckpointCliOptions,
  { signal, print, setExitCode }: CliContext,
): Promise<void> {
  const outcomes: CheckpointOutcome[] = [];
  let away: RoamhomeError | null = null;
  for (const user of users) {
    if (signal.aborted) break;
    // Each has its snapshot; a server that is away is waited for once.
    const before: RoamhomeError | null = away;
    const outcome = await orFailed(user, () => checkpointOf(user, before));
    away ??= serverProblem(outcome);
    outcomes.push(outcome);
    logOutcome(log, outcome);
    if (options.json) continue;
    for (const line of describeFindings(outcome, options)) process.stderr.write(`${line}\n`);
  }
  if (options.json) print({ homes: outcomes });
  else print(outcomes.map(describeCheckpoint).join('\n') || noHome);
  const [first] = outcomes.flatMap(({ problems }) => problems);
  if (first !== undefined) setExitCode(exitCodeOf(first));
  else if (outcomes.some(({ conflict }) => conflict)) setExitCode(EX.CONFLICT);
}

/** One that cannot be begun does not keep the others waiting. */
async function orFailed(user: string, task: () => Promise<CheckpointOutcome>): Promise<CheckpointOutcome> {
  try {
    return await task();
  } catch (error) {
    if (!isRoamhomeError(error)) throw error;
    const failed = { user, outcome: 'failed', reason: null, snapshot: null, conflict: false } as const;
    return { ...failed, pushedBytes: 0, problems: [error], warnings: [] };
  }
}

function logOutcome(log: Log, done: CheckpointOutcome): void {
  const { user, outcome, snapshot, pushedBytes } = done;
  for (const warning of done.warnings) log.warn('checkpoint-warning', { user, warning });
  for (const error of done.problems) log.error('checkpoint-problem', { user, error });
  log.info('checkpoint', { user, outcome, ...(snapshot !== null && { snapshot }), pushedBytes });
}

async function tellDryRuns(
  users: readonly string[],
  sessionOf: (user: string) => Session,
  { json }: CheckpointCliOptions,
  { print }: CliContext,
): Promise<void> {
  const all: { readonly user: string; readonly steps: readonly DryRunLine[] }[] = [];
  for (const user of users) all.push({ user, steps: await dryRun(sessionOf(user), 'checkpoint') });
  if (json) print({ dryRun: true, homes: all });
  else print(all.map(({ user, steps }) => `${user}:\n${formatDryRun(steps)}`).join('\n') || noHome);
}
