import { accessSync, constants, statSync } from 'node:fs';

/** The absolute path of a program in the first of these directories that has it; null: none has. */
export function findProgram(program: string, directories: readonly string[]): string | null {
  const paths = directories.map((directory) => `${directory}/${program}`);
  return paths.find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return false;
  }
}
