import { loadConfig } from '../../config/load.ts';
import { exitCodeOf } from '../../errors/exit-codes.ts';
import { silentLog } from '../../log/silent-log.ts';
import type { Platform } from '../../platform/platform.ts';
import { unwatched } from '../../progress/event.ts';
import { dryRun } from '../../homes/dry-run.ts';
import { login } from '../../homes/login.ts';
import { logout } from '../../homes/logout.ts';
import type { Mountpoints } from '../../homes/mount/mountpoints.ts';
import { summarise } from '../../homes/report.ts';
import { wireSession } from '../../wire/session.ts';
import { formatDryRun } from '../text/dry-run.ts';
import { describeError } from '../framework/report-error.ts';
import { describeFindings } from '../text/report.ts';
import { exitCodeOfSession } from './exit.ts';
import { openSystem } from '../../wire/system.ts';

/** A command that has ended, and what it printed. */
export interface Ran {
  readonly exitCode: number | null;
  readonly text: string;
}

/** A Mac that has no directory service, so that Roamhome runs on it without root: in the demo, and when a build warms up. */
export interface MacWithoutAccounts {
  readonly name: string;
  /** Path of its config.json. */
  readonly configFile: string;
  readonly platform: Platform;
  readonly mountpoints: Mountpoints;
  readonly signal: AbortSignal;
}

/**
 * `roamhome login|logout USER [--dry-run]` on the Mac: the product's own session over its own SSH, as the configuration
 * says. Throws `usage` on a system that is not supported.
 */
export async function runSessionWithoutRoot(mac: MacWithoutAccounts, words: readonly string[]): Promise<Ran> {
  const [what, user = '', option] = words;
  if (what !== 'login' && what !== 'logout')
    throw new Error(`without root there is no roamhome ${words.join(' ')}`);
  const loaded = await loadConfig({
    kind: mac.platform.kind,
    hostName: mac.name,
    file: mac.configFile,
    trustOnlyRoot: false,
  });
  const system = openSystem(loaded.config);
  const wired = wireSession({
    ...system,
    machineId: await mac.platform.machineId(),
    platform: mac.platform,
    user,
    loaded,
    log: silentLog,
    signal: mac.signal,
    onProgress: unwatched,
  });
  const session = { ...wired, mountpoints: mac.mountpoints };
  try {
    if (option === '--dry-run') return { exitCode: 0, text: formatDryRun(await dryRun(session, what)) };
    const report = await (what === 'login' ? login : logout)(session);
    return {
      exitCode: exitCodeOfSession(what, report, loaded.config.policies),
      text: [...describeFindings(report, { verbose: false }), summarise(report, what)].join('\n'),
    };
  } catch (error) {
    return { exitCode: exitCodeOf(error), text: describeError(error, { verbose: false }).join('\n') };
  } finally {
    await session.server.close();
    await system.localHost.close();
  }
}
