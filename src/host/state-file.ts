import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { replaceFile } from './replace-file.ts';

/** A small JSON file that is written as a whole. */
export interface StateFile<T> {
  readonly read: () => Promise<T>;
  readonly write: (state: T) => Promise<void>;
}

/** `parse` gets the file's text; '' when there is none. The directory is made when it is written to, for its owner alone. */
export function stateFile<T>(path: string, parse: (text: string) => T): StateFile<T> {
  return {
    read: async () => {
      try {
        return parse(await readFile(path, 'utf8'));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return parse('');
        throw error;
      }
    },
    write: async (state) => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await replaceFile(path, JSON.stringify(state));
    },
  };
}

/** What a text says as JSON; null: it is none, as a file that was damaged. Pure. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
