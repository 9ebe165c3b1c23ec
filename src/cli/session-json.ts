import type { CheckpointOutcome } from '../session/checkpoint.ts';
import { summarise, type SessionReport } from '../session/report.ts';
import { jsonText } from './json.ts';

/** A report as a JSON document of its own fields; problems with code, message and remedy. Pure. */
export function reportToJson(report: SessionReport, what: 'login' | 'logout'): string {
  return jsonText({ what, ...report, summary: summarise(report, what) });
}

/** The same of checkpoints, a list of them. Pure. */
export function checkpointsToJson(outcomes: readonly CheckpointOutcome[]): string {
  return jsonText(outcomes);
}
