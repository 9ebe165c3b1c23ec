import { listConflicts } from '../../homes/conflicts/list-conflicts.ts';
import { parseDatasetName, parseUserName } from '../../zfs/names.ts';
import { conflictsToJson, formatConflicts } from './text.ts';
import type { CliContext, GlobalOptions } from '../framework/context.ts';
import { withConflicts } from '../framework/open-conflicts.ts';

export interface ConflictsListOptions extends GlobalOptions {
  readonly user: string | undefined;
  readonly local: boolean;
  readonly json: boolean;
}

/** Lists both sides; with the server away, this Mac's alone, and says so by its exit code. */
export async function runConflictsList(options: ConflictsListOptions, context: CliContext): Promise<void> {
  const user = options.user === undefined ? null : parseUserName(options.user);
  await withConflicts(options, context, 'look', async ({ config, isServer, local, orWithoutServer }) => {
    const found = await orWithoutServer((server) =>
      listConflicts({
        local: isServer ? null : local,
        localRoot: parseDatasetName(config.local.conflictsRoot),
        server: options.local && !isServer ? null : server,
        serverRoot: parseDatasetName(config.server.conflictsRoot),
        user,
        signal: context.signal,
      }),
    );
    context.print(options.json ? conflictsToJson(found) : formatConflicts(found, { isServer }));
  });
}
