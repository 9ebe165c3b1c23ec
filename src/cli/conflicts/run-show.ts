import { detailsToJson, formatDetails } from './text.ts';
import type { CliContext, GlobalOptions } from '../framework/context.ts';
import { withConflicts } from '../framework/open-conflicts.ts';

export interface ConflictsShowOptions extends GlobalOptions {
  readonly name: string;
  readonly json: boolean;
}

/** Shows one conflict on both sides; with the server away, this Mac's. */
export async function runConflictsShow(options: ConflictsShowOptions, context: CliContext): Promise<void> {
  await withConflicts(options, context, 'look', async ({ find, isServer }) => {
    const details = await find(options.name, 'both');
    context.print(options.json ? detailsToJson(details, { isServer }) : formatDetails(details, { isServer }));
  });
}
