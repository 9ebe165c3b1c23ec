import { RoamhomeError } from '../../errors/errors.ts';
import { count } from '../../format/count.ts';
import { findVersions } from '../../homes/history/find-versions.ts';
import { pathInHome, readHistory } from '../../homes/history/read-history.ts';
import type { CliContext, GlobalOptions } from '../framework/context.ts';
import { formatVersions, versionsToJson } from '../text/history.ts';
import { withConflicts } from '../framework/open-conflicts.ts';
import { requireRoot } from '../framework/require-root.ts';

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
    if (found.versions.length === 0) throw noVersion(parts, found.onServerOnly, options.user);
    context.print(options.json ? versionsToJson(found) : formatVersions(found, options.user));
  });
}

/** `path-missing`, as a restore of it ends. */
function noVersion(parts: readonly string[], onServerOnly: number, user: string): RoamhomeError {
  const others = onServerOnly === 0 ? '' : `; ${count(onServerOnly, 'more snapshot')} are on the server only`;
  return new RoamhomeError({
    code: 'path-missing',
    message: `no snapshot on this Mac has ${JSON.stringify(parts.join('/'))}${others}`,
    remedy: `Run \`roamhome snapshots ${user}\` to see which there are, and check the path: it is relative to the home.`,
  });
}
