import { isRoamhomeError } from '../errors/errors.ts';
import { listConflicts, type ListedConflict } from '../session/list-conflicts.ts';
import { logObserver, wireServer } from '../wire.ts';
import { parseDatasetName, parseUserName } from '../zfs/names.ts';
import { createSyncZfs } from '../zfs/sync-zfs.ts';
import { exitCodeOf } from '../errors/exit-codes.ts';
import { formatConflicts } from './conflicts-text.ts';
import type { CliContext, GlobalOptions } from './context.ts';
import { loadCliConfig } from './load-cli-config.ts';
import { describeError } from './report-error.ts';
import { openLog, openSystem } from './system.ts';

export interface ConflictsListOptions extends GlobalOptions {
  readonly user: string | undefined;
  readonly local: boolean;
  readonly json: boolean;
}

/** Lists both sides; with the server away, this Mac's alone, and says so by its exit code. */
export async function runConflictsList(options: ConflictsListOptions, context: CliContext): Promise<void> {
  const { config } = await loadCliConfig(options);
  const user = options.user === undefined ? null : parseUserName(options.user);
  const system = openSystem(config);
  const log = openLog(config, system.platform, options);
  const host = wireServer(config);
  try {
    const observer = logObserver(log);
    const server = createSyncZfs(host, observer);
    const list = (side: typeof server | null): Promise<readonly ListedConflict[]> =>
      listConflicts({
        local: createSyncZfs(system.localHost, observer),
        localRoot: parseDatasetName(config.local.conflictsRoot),
        server: side,
        serverRoot: parseDatasetName(config.server.conflictsRoot),
        user,
        signal: context.signal,
      });
    let found: readonly ListedConflict[];
    try {
      found = await list(options.local ? null : server);
    } catch (error) {
      if (!isRoamhomeError(error, 'server-unreachable', 'connection-lost', 'config-invalid')) throw error;
      process.stderr.write(`${describeError(error, { verbose: options.verbose }).join('\n')}\n`);
      context.setExitCode(exitCodeOf(error));
      found = await list(null);
    }
    context.print(options.json ? JSON.stringify(found, null, 2) : formatConflicts(found));
  } finally {
    await host.close();
    await system.localHost.close();
    await log.close();
  }
}
