import { join } from 'node:path';
import { stateFile, type StateFile } from '../host/state-file.ts';
import type { TendMemory } from './plan-tend.ts';

/** What tending remembers from run to run, in `<stateDir>/tend.json`. One that cannot be understood counts as empty. */
export function memoryFile(stateDir: string): StateFile<TendMemory> {
  return stateFile(join(stateDir, 'tend.json'), parseMemory);
}

/** Pure. */
export function parseMemory(text: string): TendMemory {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return {};
  }
  if (typeof parsed !== 'object' || parsed === null) return {};
  const entries = Object.entries(parsed as Readonly<Record<string, unknown>>).flatMap(([dataset, seen]) => {
    const { mark, since } = (seen ?? {}) as { readonly mark?: unknown; readonly since?: unknown };
    return typeof mark === 'string' && typeof since === 'number' ? [[dataset, { mark, since }] as const] : [];
  });
  return Object.fromEntries(entries);
}
