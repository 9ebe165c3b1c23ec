import { choosePast, parseWanted, type PastHome } from '../../homes/history/choose-snapshots.ts';
import { diffHistory } from '../../homes/history/diff-history.ts';
import { readHistory } from '../../homes/history/read-history.ts';
import type { CliContext, GlobalOptions } from '../framework/context.ts';
import { formatHistoryDiff, historyDiffToJson } from './text.ts';
import { describeChosen } from '../text/history.ts';
import { withConflicts } from '../framework/open-conflicts.ts';
import { requireRoot } from '../framework/require-root.ts';

export interface DiffOptions extends GlobalOptions {
  readonly user: string;
  readonly from: string;
  readonly until: string;
  readonly json: boolean;
}

/** Prints what changed, and which snapshots were compared. This Mac's alone: the server is not asked. */
export async function runDiff(options: DiffOptions, context: CliContext): Promise<void> {
  requireRoot('comparing mounts snapshots and reads all of the home');
  await withConflicts(options, context, 'change', async ({ sessionOf }) => {
    const session = sessionOf(options.user);
    const { history, homes } = await readHistory(session, false);
    const now = new Date();
    const chosen = (words: string): PastHome => choosePast(history, parseWanted(words, history, now));
    const since = chosen(options.from);
    const until = options.until === 'now' ? null : chosen(options.until);
    const end = until === null ? 'now' : describeChosen([...until.values()]);
    process.stderr.write(`roamhome: ${describeChosen([...since.values()])}, compared with ${end}\n`);
    const diff = await diffHistory(session, { since, until, homes });
    context.print(options.json ? historyDiffToJson(diff, { since, until }) : formatHistoryDiff(diff));
  });
}
