import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';
import type { run } from './program.ts';

/** What the bundle of src/start/program.ts exports. */
export interface Program {
  readonly run: typeof run;
}

// scripts/build.mjs puts the bundle's file name in its place: it holds the hash of the content.
declare const ROAMHOME_PROGRAM: string;

/**
 * Loads the program from the file beside this one with V8's code cache, which saves a third of the start. The cache
 * is of one version of Node; with another V8 refuses it and compiles. V8 itself compares no more than the length of
 * the source, so the two files share a name made of the content's hash.
 */
export function loadProgram(): Program {
  const file = join(__dirname, ROAMHOME_PROGRAM);
  // A function expression, as scripts/build.mjs wraps it. ASCII only: one byte a character for V8.
  const source = readFileSync(file, 'latin1');
  const cachedData = readCache(`${file}.cache`);
  const script = new Script(
    source,
    cachedData === null ? { filename: file } : { filename: file, cachedData },
  );
  const module: { exports: unknown } = { exports: {} };
  const wrapper = script.runInThisContext() as (...words: readonly unknown[]) => void;
  wrapper(module.exports, createRequire(file), module, file, __dirname);
  return module.exports as Program;
}

function readCache(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    // A start without it is only slower.
    return null;
  }
}
