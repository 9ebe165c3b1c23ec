// Writes V8's code cache of a bundle to FILE.cache, with every function in it compiled: scripts/code-cache.mjs FILE
import { readFileSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

const [, , file] = process.argv;
// As src/load-program.ts wraps it, to the letter.
const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'utf8')}\n})`;
setFlagsFromString('--no-lazy');
const script = new Script(source, { filename: file });
// The cache is refused where other flags are set than when it was made.
setFlagsFromString('--lazy');
writeFileSync(`${file}.cache`, script.createCachedData());
if (new Script(source, { filename: file, cachedData: readFileSync(`${file}.cache`) }).cachedDataRejected) {
  throw new Error('V8 refuses the code cache that it has just made');
}
