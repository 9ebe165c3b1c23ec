import { findVersions } from '../history/find-versions.ts';
import { pathInHome, readHistory } from '../history/read-history.ts';
import type { CliContext, GlobalOptions } from './context.ts';
import { formatVersions, versionsToJson } from './history-text.ts';
import { withConflicts } from './open-conflicts.ts';
import { requireRoot } from './require-root.ts';

export interface VersionsOptions extends GlobalOptions {
  readonly user: string;
  readonly path: string;
  readonly local: boolean;
  readonly json: boolean;
}

/** Prints each version of a file, and how many snapshots only the server has. */
export async function runVersions(options: VersionsOptions, context: CliContext): Promise<void> {
  requireRoot('looking at versions mounts snapshots');
  await withConflicts(options, context, 'change', async ({ sessionOf, orWithoutServer }) => {
    const session = sessionOf(options.user);
    const ask = (withServer: boolean) => readHistory(session, withServer);
    const read = options.local ? await ask(false) : await orWithoutServer((server) => ask(server !== null));
    const parts = pathInHome(options.path, session.mountpoint, read.history);
    const found = await findVersions(session, read, parts);
    context.print(options.json ? versionsToJson(found) : formatVersions(found, options.user));
  });
}
