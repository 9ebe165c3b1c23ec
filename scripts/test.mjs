// Runs each part of the tests, whatever became of those before, and adds up what vitest counted.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';

const results = 'node_modules/.cache/roamhome/results';
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

const vitest = (project) => [
  'npx',
  'vitest',
  'run',
  '--project',
  project,
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${results}/${project}.json`,
];
const fast = process.argv.includes('--fast');
// `check` runs the unit project itself, and writes its count like the others.
const parts = [
  ['unit', ['npm', 'run', '--silent', 'check']],
  ['contract', vitest('contract')],
  ...(fast ? [] : [['e2e', vitest('e2e')]]),
];

let [passed, failed] = [0, 0];
for (const [name, [program, ...args]] of parts) {
  console.log(`\n== ${name}`);
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = await once(child, 'close');
  let counted = { numPassedTests: 0, numFailedTests: 0 };
  try {
    counted = JSON.parse(readFileSync(`${results}/${name}.json`, 'utf8'));
  } catch (error) {
    console.error(`${name}: no result was written (${error.message})`);
  }
  passed += counted.numPassedTests;
  // A lint error, a hook that failed, a crash: it counts though no single test did.
  failed += counted.numFailedTests === 0 && code !== 0 ? 1 : counted.numFailedTests;
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
