import { join } from 'node:path';
import { stateFile, type StateFile } from '../host/state-file.ts';

/**
 * When homes were last thinned on this machine, in `<stateDir>/thin.json`: seconds since the epoch. null: there is no such
 * file, or it cannot be understood; only the snapshots tell the time then.
 */
export function lastRunFile(stateDir: string): StateFile<number | null> {
  return stateFile(join(stateDir, 'thin.json'), parseLastRun);
}

/** Pure. */
export function parseLastRun(text: string): number | null {
  const [, seconds] = /^(\d{1,12})$/.exec(text.trim()) ?? [];
  return seconds === undefined ? null : Number(seconds);
}
