import { refusalError } from '../sync/refusal-error.ts';
import type { SyncResult } from './synchronise.ts';
import type { Findings } from './report.ts';

/** Tells of each dataset, and each line set aside before, that was left as it is while the rest of the home was synced. */
export function tellLeft(sync: SyncResult | null, findings: Findings): void {
  for (const left of sync?.left ?? []) findings.problem(refusalError(left, 'the server'));
  for (const { problem } of sync?.unsentLines ?? []) findings.problem(problem);
}
