import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../host/replace-file.ts';
import type { TendMemory } from './plan-tend.ts';

/** What tending remembers from run to run, in `<stateDir>/tend.json`. One that cannot be understood counts as empty. */
export function memoryFile(stateDir: string): {
  readonly read: () => Promise<TendMemory>;
  readonly write: (memory: TendMemory) => Promise<void>;
} {
  const file = join(stateDir, 'tend.json');
  return {
    read: async () => {
      try {
        return parseMemory(await readFile(file, 'utf8'));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
        throw error;
      }
    },
    write: async (memory) => {
      await mkdir(stateDir, { recursive: true, mode: 0o700 });
      await replaceFile(file, JSON.stringify(memory));
    },
  };
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
