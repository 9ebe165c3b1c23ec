// Writes V8's code cache of the program to FILE.cache: scripts/code-cache.mjs FILE
// It holds the functions that ran here, those of a start and of every day's logins and logouts; all of them would take longer
// to read than they save.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { bundleDemo } from './bundle-demo.mjs';

const [, , file] = process.argv;
// As src/start/load-program.ts reads it.
const source = readFileSync(file, 'latin1');
const script = new Script(source, { filename: file });
const module = { exports: {} };
script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file));

// Plays sessions by the program's own functions, on the simulator and over SSH on loopback.
const { exports: demo, simulator } = await bundleDemo('rehearsal');
await demo.rehearse(module.exports.runSessionWithoutRoot, simulator);

const directory = mkdtempSync(join(tmpdir(), 'roamhome-code-cache-'));
const logFile = `log.file=${join(directory, 'log')}`;
process.stdout.write = () => true;
process.stderr.write = () => true;
await module.exports.run(['config', 'show', '--set', logFile]);
// There is no such user; where this is not run by root, it is told so. Either way nothing is done.
await module.exports.run(['login', 'roamhome-code-cache', '--dry-run', '--set', logFile]);
process.exitCode = 0;
rmSync(directory, { recursive: true });

writeFileSync(`${file}.cache`, script.createCachedData());
if (new Script(source, { filename: file, cachedData: readFileSync(`${file}.cache`) }).cachedDataRejected) {
  throw new Error('V8 refuses the code cache that it has just made');
}
