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
  ['model', vitest('model')],
  ['contract', vitest('contract')],
  ...(fast ? [] : [['e2e', vitest('e2e')]]),
];

// The lab's image and its first boot take minutes, of the network and the disk as much as of the processor: they are got
// over beside the other parts. What goes wrong there, the lab's own part meets again and says.
const lab = fast ? null : spawn('bash', ['scripts/lab', 'up'], { stdio: ['ignore', 'ignore', 'inherit'] });
const labIsUp = lab === null ? null : once(lab, 'close');
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    // It leaves nothing half-built.
    lab?.kill();
    process.kill(process.pid, signal);
  });
}

let [passed, failed] = [0, 0];
for (const [name, [program, ...args]] of parts) {
  console.log(`\n== ${name}`);
  if (name === 'e2e') await labIsUp;
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
