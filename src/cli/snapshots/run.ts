import { homeSnapshots } from '../../homes/history/home-history.ts';
import { readHistory } from '../../homes/history/read-history.ts';
import type { CliContext, GlobalOptions } from '../framework/context.ts';
import { formatSnapshots, snapshotsToJson } from '../text/history.ts';
import { withConflicts } from '../framework/open-conflicts.ts';

export interface SnapshotsOptions extends GlobalOptions {
  readonly user: string;
  readonly local: boolean;
  readonly names: boolean;
  readonly json: boolean;
}

/** Lists both sides; with the server away, this Mac's alone, and says so by its exit code. */
export async function runSnapshots(options: SnapshotsOptions, context: CliContext): Promise<void> {
  await withConflicts(options, context, 'look', async ({ sessionOf, orWithoutServer }) => {
    const session = sessionOf(options.user);
    const ask = (withServer: boolean) => readHistory(session, withServer);
    const { history } = options.local
      ? await ask(false)
      : await orWithoutServer((server) => ask(server !== null));
    const found = homeSnapshots(history);
    context.print(options.json ? snapshotsToJson(found) : formatSnapshots(found, options));
  });
}
