// Runs each part of the tests, whatever became of those before, adds up what vitest counted, and names what failed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { relative } from 'node:path';

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
// `check` runs the unit project itself, which writes its result like the others, and writes which checks failed besides.
const parts = [
  ['unit', ['npm', 'run', '--silent', 'check']],
  ['model', vitest('model')],
  ['contract', vitest('contract')],
  ...(fast ? [] : [['e2e', vitest('e2e')]]),
];

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    // It leaves nothing half-built.
    lab?.kill();
    process.kill(process.pid, signal);
  });
}
// The lab's image and its first boot take minutes, of the network and the disk as much as of the processor: they are got
// over beside the other parts. What goes wrong there, the lab's own part meets again and says.
const lab = fast ? null : spawn('bash', ['scripts/lab', 'up'], { stdio: ['ignore', 'ignore', 'inherit'] });
const labIsUp = lab === null ? null : once(lab, 'close');

/** What a report of vitest says failed, a line each: the tests, and the files that could not be loaded or torn down. */
function failuresIn({ testResults = [] }) {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative('.', name);
    const tests = assertionResults
      .filter((test) => test.status === 'failed')
      .map((test) => `${file} > ${test.fullName}: ${firstLine(test.failureMessages.join('\n'))}`);
    return tests.length === 0 && status === 'failed' ? [`${file}: ${firstLine(message)}`] : tests;
  });
}

const firstLine = (text) => text.trim().split('\n', 1)[0];

/** What the part wrote; null, and why is said, where it did not come that far. */
function resultOf(part) {
  try {
    return JSON.parse(readFileSync(`${results}/${part}.json`, 'utf8'));
  } catch (error) {
    console.error(`${part}: no result was written (${error.message})`);
    return null;
  }
}

let [passed, failures] = [0, []];
for (const [name, [program, ...args]] of parts) {
  console.log(`\n== ${name}`);
  if (name === 'e2e') await labIsUp;
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const [code, signal] = await once(child, 'close');
  const report = resultOf(name);
  const failed = report === null ? [] : failuresIn(report);
  if (name === 'unit') {
    // Lint and the like, which vitest does not know of; and the unit tests themselves, where no single one is to blame.
    const checks = resultOf('check')?.failed ?? [];
    failed.push(...checks.filter((check) => check !== 'check:unit' || failed.length === 0));
  }
  passed += report?.numPassedTests ?? 0;
  // An error outside all tests, a crash: it counts though no single test failed.
  if (failed.length === 0 && (code !== 0 || report === null)) {
    failed.push(
      `ended with ${signal ?? code}${report === null ? ', and wrote no result' : ''}: its output is above`,
    );
  }
  failures.push(...failed.map((failure) => `${name}: ${failure}`));
}
// At the end, where they are found, and where what is cut out of a long output still has them.
if (failures.length > 0) console.log(`\nfailed:\n${failures.map((failure) => `  ${failure}`).join('\n')}`);
console.log(`\n${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length === 0 && passed > 0 ? 0 : 1;
