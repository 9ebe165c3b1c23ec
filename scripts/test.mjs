// Runs each part of the tests, whatever became of those before, adds up what vitest counted, and names what failed.
// With ROAMHOME_MINUTES the lab's long files are run only as far as they end within so many minutes of ROAMHOME_STARTED.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { basename, relative } from 'node:path';
import { inTurn, longSeconds, nextThatFits } from './long-files.mjs';

const results = 'node_modules/.cache/roamhome/results';
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

const vitest = (name, ...args) => [
  'npx',
  'vitest',
  'run',
  ...args,
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${results}/${name}.json`,
];
const fast = process.argv.includes('--fast');
const minutes = process.env.ROAMHOME_MINUTES;
const started = Number(process.env.ROAMHOME_STARTED ?? Date.now() / 1000);
// The build and the labs are made ready once for all that is run here.
process.env.ROAMHOME_TEST_RUN = randomUUID();

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

/** Runs one part to its end, and adds what became of it to the count. */
async function runPart(name, [program, ...args], env = {}) {
  console.log(`\n== ${name}`);
  const child = spawn(program, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
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

/** As many of the long files as there is time for, a file at a time in each lab; those that there was no time for. */
async function runLongFiles(limit) {
  const durations = JSON.parse(readFileSync('test/e2e/durations.json', 'utf8'));
  const hash = execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
  let queue = inTurn(
    Object.keys(durations).filter((file) => durations[file] >= longSeconds),
    hash,
  );
  const runIn = async (name) => {
    for (;;) {
      const file = nextThatFits(queue, durations, { used: Date.now() / 1000 - started, limit });
      if (file === null) return;
      queue = queue.filter((other) => other !== file);
      const part = `e2e-${basename(file, '.test.ts')}`;
      await runPart(part, vitest(part, '--project', 'e2e', file), {
        ROAMHOME_LABS: '1',
        ROAMHOME_LAB_NAME: name,
      });
    }
  };
  await Promise.all(labNames().map(runIn));
  return queue;
}

/** The labs that the part before has brought up. */
function labNames() {
  const first = process.env.ROAMHOME_LAB_NAME ?? 'roamhome-lab';
  return [first, `${first}-2`].filter((name) => existsSync(`/var/lib/${name}/installed-for`));
}

// `check` runs the unit project itself, which writes its result like the others, and writes which checks failed besides.
// All of the histories that are always played; a check by itself plays the first of them, to be done within a minute.
await runPart('unit', ['npm', 'run', '--silent', 'check'], { ROAMHOME_FULL: '1' });
await runPart('model', vitest('model', '--project', 'model'));
await runPart('contract', vitest('contract', '--project', 'contract'));
let left = [];
if (!fast) {
  await labIsUp;
  await runPart(
    'e2e',
    vitest('e2e', '--project', 'e2e'),
    minutes === undefined ? {} : { ROAMHOME_SHORT: '1' },
  );
  if (minutes !== undefined) left = await runLongFiles(Number(minutes) * 60);
}

if (left.length > 0) {
  console.log(`\nno time was left for:\n${left.map((file) => `  ${file}`).join('\n')}`);
}
// At the end, where they are found, and where what is cut out of a long output still has them.
if (failures.length > 0) console.log(`\nfailed:\n${failures.map((failure) => `  ${failure}`).join('\n')}`);
console.log(`\n${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length === 0 && passed > 0 ? 0 : 1;
