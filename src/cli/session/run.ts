import { randomBytes } from 'node:crypto';
import type { Config } from '../../config/schema.ts';
import { tellMistakes } from '../../config/tell-mistakes.ts';
import { nativeCryptoLoaded } from '../../host/ssh/native-crypto.ts';
import type { Log } from '../../log/log.ts';
import type { Platform } from '../../platform/platform.ts';
import { unwatched, type ProgressSink } from '../../progress/event.ts';
import { dryRun, type Foreseen } from '../../homes/dry-run.ts';
import { login } from '../../homes/login.ts';
import { locateHome } from '../../homes/locate-home.ts';
import { logout } from '../../homes/logout.ts';
import { endOf, summarise, type SessionReport } from '../../homes/report.ts';
import { wasLocked } from '../../homes/lock/lock-directory.ts';
import type { Session } from '../../homes/session.ts';
import { logObserver, wireSession } from '../../wire/session.ts';
import { parseUserName } from '../../zfs/names.ts';
import { createSyncZfs } from '../../zfs/sync-zfs.ts';
import type { CliContext, GlobalOptions } from '../framework/context.ts';
import { formatDryRun } from '../text/dry-run.ts';
import { knownAs } from './known-as.ts';
import { loadSettings } from '../framework/load-cli-config.ts';
import { describeFindings } from '../text/report.ts';
import { requireRoot } from '../framework/require-root.ts';
import { exitCodeOfSession } from './exit.ts';
import { reportToJson } from './json.ts';
import { openLog, openSystem } from '../../wire/system.ts';
import { tellForeseen } from './tell-foreseen.ts';
import { watchRun } from '../framework/watch-run.ts';

export interface SessionOptions extends GlobalOptions {
  readonly user: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** Runs a login or a logout, tells how it went, and sets the exit code of its first problem. */
export async function runSession(
  what: 'login' | 'logout',
  options: SessionOptions,
  context: CliContext,
): Promise<void> {
  requireRoot('a login and a logout mount, snapshot and receive');
  // No mistake in them keeps a home from being mounted or snapshotted.
  const given = await loadSettings(options, { keepName: true });
  const { config } = given;
  const system = openSystem(config);
  const log = openLog(config, system.platform, { ...options, hasBar: !options.dryRun }).child({
    run: randomBytes(4).toString('hex'),
  });
  if (!nativeCryptoLoaded())
    log.warn('ssh2-without-native-part', { remedy: 'npm rebuild ssh2: transfers are slow without it' });
  const machineId = await system.platform.machineId();
  const { user, platform } = await knownAs(system.platform, options.user, () =>
    wasLocked(config.local.stateDir, options.user),
  );
  try {
    const loaded = await locateHome(given, user, createSyncZfs(system.localHost, logObserver(log)));
    const mistakes = tellMistakes(loaded);
    const sessionWith = (onProgress: ProgressSink): Session =>
      wireSession({
        ...system,
        platform,
        machineId,
        user,
        loaded,
        log,
        signal: context.signal,
        onProgress,
      });
    if (options.dryRun) {
      for (const warning of mistakes) process.stderr.write(`roamhome: ${warning}\n`);
      const session = sessionWith(unwatched);
      try {
        const foreseen: Foreseen[] = [];
        const steps = await dryRun(session, what, (one) => void foreseen.push(one));
        context.print(options.json ? { what, dryRun: true, steps } : formatDryRun(steps));
        tellForeseen(foreseen, config, options, context);
      } finally {
        await session.server.close();
      }
    } else {
      const run = { what, user: parseUserName(user) };
      const report = await watchRun(run, { config, log, verbose: options.verbose }, async (onProgress) => {
        const session = sessionWith(onProgress);
        try {
          return await runToEnd(what, session, mistakes);
        } finally {
          await session.server.close();
        }
      });
      await tell(what, report, config, system.platform, options, context);
    }
  } catch (error) {
    log.error(`${what}-failed`, { user: options.user, error });
    if (!options.dryRun)
      await system.platform.systemLog(
        'err',
        `${what} of ${JSON.stringify(options.user)} failed: ${String(error)}`,
      );
    throw error;
  } finally {
    await system.localHost.close();
    await log.close();
  }
}

async function runToEnd(
  what: 'login' | 'logout',
  session: Session,
  mistakes: readonly string[],
): Promise<SessionReport> {
  const { log, onProgress } = session;
  log.info(`${what}-started`, { user: session.user });
  const done = await (what === 'login' ? login : logout)(session);
  const report = { ...done, warnings: [...mistakes, ...done.warnings] };
  logReport(log, what, report);
  onProgress(endOf(summarise(report, what), report));
  return report;
}

async function tell(
  what: 'login' | 'logout',
  report: SessionReport,
  { policies }: Config,
  platform: Platform,
  options: SessionOptions,
  context: CliContext,
): Promise<void> {
  const summary = summarise(report, what);
  const [first] = report.problems;
  const why = first === undefined ? '' : `; ${first.message}`;
  await platform.systemLog(first === undefined ? 'info' : 'err', `${summary}${why}`);
  if (options.json) context.print(reportToJson(report, what));
  else {
    for (const line of describeFindings(report, options)) process.stderr.write(`${line}\n`);
    context.print(summary);
  }
  context.setExitCode(exitCodeOfSession(what, report, policies));
}

function logReport(log: Log, what: string, report: SessionReport): void {
  const { user } = report;
  for (const error of report.problems) log.error(`${what}-problem`, { user, error });
  for (const warning of report.warnings) log.warn(`${what}-warning`, { user, warning });
  log.info(`${what}-done`, {
    user,
    summary: summarise(report, what === 'login' ? 'login' : 'logout'),
    pushedBytes: report.sync?.pushedBytes ?? 0,
    pulledBytes: report.sync?.pulledBytes ?? 0,
    mounted: report.mounted,
    problems: report.problems.length,
  });
}
