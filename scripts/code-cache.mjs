// Writes V8's code cache of the program to FILE.cache: scripts/code-cache.mjs FILE
// It holds the functions that ran here, those of a start and of every day's logins and logouts; all of them would take longer
// to read than they save.
import { build } from 'esbuild';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';

const [, , file] = process.argv;
// As src/load-program.ts reads it.
const source = readFileSync(file, 'latin1');
const script = new Script(source, { filename: file });
const module = { exports: {} };
script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file));

/** Plays sessions by the program's own functions, on the simulator and over SSH on loopback. */
async function play(run) {
  const root = join(import.meta.dirname, '..');
  const outdir = join(root, 'build/rehearsal');
  await build({
    absWorkingDir: root,
    entryPoints: { rehearsal: 'src/demo/rehearsal.ts', zfs: 'src/simulator/main.ts' },
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // They are found from build/ too; the simulator uses none.
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    logLevel: 'warning',
  });
  const { rehearse } = await import(join(outdir, 'rehearsal.mjs'));
  await rehearse(run, join(outdir, 'zfs.mjs'));
}

await play(module.exports.runSessionWithoutRoot);

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
