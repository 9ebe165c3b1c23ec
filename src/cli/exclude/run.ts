import { RoamhomeError } from '../../errors/errors.ts';
import { exitCodeOf } from '../../errors/exit-codes.ts';
import { addFolders } from '../../homes/excluded/add-folders.ts';
import type { Sent } from '../../homes/excluded/home-at-rest.ts';
import { listFolders } from '../../homes/excluded/list-folders.ts';
import { removeFolders } from '../../homes/excluded/remove-folders.ts';
import { parseFolder } from '../../homes/excluded/resolve-folder.ts';
import { usualFolders } from '../../homes/mount/excluded-folders.ts';
import type { Session } from '../../homes/session.ts';
import type { CliContext, GlobalOptions } from '../framework/context.ts';
import { changeToJson, formatAdded, formatFolders, formatRemoved, foldersToJson } from './text.ts';
import { withConflicts } from '../framework/open-conflicts.ts';
import { describeFindings } from '../text/report.ts';
import { requireRoot } from '../framework/require-root.ts';

export interface ExcludeOptions extends GlobalOptions {
  readonly user: string;
  readonly paths: readonly string[];
  readonly json: boolean;
}

/** Excludes folders, and says what became of each. */
export async function runExcludeAdd(
  options: ExcludeOptions & { readonly usual: boolean },
  context: CliContext,
): Promise<void> {
  await change(options, context, async (session) => {
    const named = options.paths.map((path) => parseFolder(path, session.mountpoint));
    const paths = [...(options.usual ? usualFolders : []), ...named];
    if (paths.length === 0) {
      throw new RoamhomeError({
        code: 'usage',
        message: 'say which folders to exclude: paths, or --usual',
        remedy: `\`roamhome exclude list ${options.user}\` shows what is excluded already.`,
      });
    }
    const report = await addFolders(session, paths);
    context.print(options.json ? changeToJson(report) : formatAdded(report));
    return report;
  });
}

/** Brings folders back, and says where they are. */
export async function runExcludeRemove(options: ExcludeOptions, context: CliContext): Promise<void> {
  await change(options, context, async (session) => {
    const paths = options.paths.map((path) => parseFolder(path, session.mountpoint));
    const report = await removeFolders(session, paths);
    context.print(options.json ? changeToJson(report) : formatRemoved(report));
    return report;
  });
}

/** What has changed is done; what could not be sent is told, and shows in the exit code. */
async function change(
  options: ExcludeOptions,
  context: CliContext,
  work: (session: Session) => Promise<Sent>,
): Promise<void> {
  requireRoot('excluding mounts the home, and makes or destroys datasets');
  await withConflicts(options, context, 'change', async ({ sessionOf, log }) => {
    const report = await work(sessionOf(options.user));
    for (const line of describeFindings(report, options)) process.stderr.write(`${line}\n`);
    for (const error of report.problems) log.error('exclude-problem', { user: options.user, error });
    const [first] = report.problems;
    if (first !== undefined) context.setExitCode(exitCodeOf(first));
  });
}

/** Lists both sides; with the server away, this Mac's alone, and says so by its exit code. */
export async function runExcludeList(
  options: Omit<ExcludeOptions, 'paths'> & { readonly local: boolean },
  context: CliContext,
): Promise<void> {
  await withConflicts(options, context, 'look', async ({ sessionOf, orWithoutServer }) => {
    const session = sessionOf(options.user);
    const found = options.local
      ? await listFolders(session, false)
      : await orWithoutServer((server) => listFolders(session, server !== null));
    context.print(options.json ? foldersToJson(found) : formatFolders(found, options));
  });
}
