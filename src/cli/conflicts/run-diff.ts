import type { Difference } from '../../homes/files/compare.ts';
import { diffConflict } from '../../homes/conflicts/diff-conflict.ts';
import { conflictHere } from './conflict-here.ts';
import type { CliContext, GlobalOptions } from '../framework/context.ts';
import { formatCounts, formatDifference, plainDifference } from '../text/tree-diff.ts';
import { withConflicts } from '../framework/open-conflicts.ts';
import { requireRoot } from '../framework/require-root.ts';

export interface ConflictsDiffOptions extends GlobalOptions {
  readonly name: string;
  readonly all: boolean;
  readonly json: boolean;
}

/** Prints each difference as it is found; as JSON, all at the end. */
export async function runConflictsDiff(options: ConflictsDiffOptions, context: CliContext): Promise<void> {
  requireRoot('comparing mounts the conflict and reads all of the home');
  await withConflicts(options, context, 'change', async (open) => {
    const { session, dataset } = await conflictHere(open, options.name);
    const counts = new Map<Difference['kind'], number>();
    const plain: unknown[] = [];
    await diffConflict(session, dataset, {
      all: options.all,
      tell: (difference) => {
        counts.set(difference.kind, (counts.get(difference.kind) ?? 0) + 1);
        if (options.json) plain.push(plainDifference(difference));
        else context.print(formatDifference(difference));
      },
    });
    context.print(options.json ? { differences: plain } : formatCounts(counts));
  });
}
