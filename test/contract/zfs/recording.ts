import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Normal } from './normalise.ts';

const path = new URL('./openzfs-2.3.2.json', import.meta.url);

/** What real OpenZFS printed, by case. */
export type Recording = Readonly<Record<string, readonly Normal[]>>;

/** null: nothing is recorded. */
export function readRecording(): Recording | null {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Recording) : null;
}

/** Writes what the lab has shown. */
export function writeRecording(recording: Recording): void {
  writeFileSync(path, `${JSON.stringify(recording, null, 2)}\n`);
}
