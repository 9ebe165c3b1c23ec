import { summarise, type SessionReport } from '../../homes/report.ts';
import type { JsonDocument } from '../framework/context.ts';

/** A report as a JSON document of its own fields; problems with code, message and remedy. Pure. */
export function reportToJson(report: SessionReport, what: 'login' | 'logout'): JsonDocument {
  return { what, ...report, summary: summarise(report, what) };
}
