// How long it takes to plan the thinning of many homes, from the recorded text of a `zfs list`, and in how much memory. Needs
// neither a lab nor ZFS. Each measurement is a process of its own; of three the one with the median time counts.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

const snapshotsPerHome = 500;
const rounds = 3;
const root = new URL('..', import.meta.url).pathname;

/** What `zfs list` printed of one home of 500 snapshots on real OpenZFS (test/e2e/thinning.test.ts). */
const recorded = readFileSync(join(import.meta.dirname, 'bench-thinning.tsv'), 'utf8')
  .trimEnd()
  .split('\n');

/** The same of so many homes: each has a name of its own. */
function listOf(homes) {
  const isOfHome = (line) => /^data\/profiles\/alice[@#\t]/.test(line);
  const ofHome = recorded.filter(isOfHome);
  const lines = recorded.filter((line) => !isOfHome(line));
  for (let home = 0; home < homes; home++)
    for (const line of ofHome) lines.push(line.replace('alice', `user${home}`));
  return `${lines.join('\n')}\n`;
}

/** Seconds since 1970: a minute after the newest snapshot was made. */
const now = 60 + Math.max(...recorded.map((line) => Number(line.split('\t')[4])));

async function measure(homes, bundle) {
  const { defaultsFor, listThinnable, parseSchedule, planThinning } = await import(bundle);
  const { thinning } = defaultsFor('linux', 'bench');
  const text = listOf(homes);
  const options = {
    schedule: parseSchedule(thinning.schedule),
    maximumAges: [],
    match: new RegExp(thinning.match),
    elsewhere: () => 'server',
    now,
    lastRun: null,
    force: false,
    onServer: true,
  };
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  const started = performance.now();
  const datasets = listThinnable('data/profiles').parse(text);
  const parsed = performance.now();
  const plan = planThinning(datasets, options);
  const planned = performance.now();
  globalThis.gc();
  const mebibytes = (process.memoryUsage().heapUsed - before) / 2 ** 20;
  const destroyed = plan.reduce((sum, one) => sum + one.destroyed.length, 0);
  return {
    homes,
    parse: parsed - started,
    plan: planned - parsed,
    mebibytes,
    peak: process.resourceUsage().maxRSS / 1024,
    text: text.length / 2 ** 20,
    destroyed,
  };
}

function measureApart(homes) {
  const child = spawnSync(process.execPath, ['--expose-gc', import.meta.filename, String(homes)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.status !== 0) throw new Error(`planning ${homes} homes failed`);
  return JSON.parse(child.stdout);
}

const outfile = join(root, 'build/bench-thinning.mjs');
const [homes] = process.argv.slice(2);
if (homes !== undefined) {
  process.stdout.write(JSON.stringify(await measure(Number(homes), outfile)));
} else {
  const exports = [
    ['defaultsFor', 'config/defaults.ts'],
    ['listThinnable', 'zfs/commands/list-thinnable.ts'],
    ['parseSchedule', 'thinning/schedule.ts'],
    ['planThinning', 'thinning/plan-thinning.ts'],
  ].map(([name, file]) => `export { ${name} } from './src/${file}';`);
  await build({
    stdin: { contents: exports.join('\n'), resolveDir: root },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    logLevel: 'warning',
  });
  const row = (...cells) => console.log(`| ${cells.join(' | ')} |`);
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model ?? '?'} × ${cpus().length}, Node ${process.version}\n`,
  );
  row(
    `homes of ${snapshotsPerHome}`,
    'list, MiB',
    'parse, s',
    'plan, s',
    'both, ms a home',
    'kept, MiB',
    'peak, MiB',
    'to go',
  );
  row(...Array.from({ length: 8 }, () => '---'));
  for (const count of [250, 500, 1000, 2000]) {
    const all = Array.from({ length: rounds }, () => measureApart(count));
    all.sort((a, b) => a.parse + a.plan - b.parse - b.plan);
    const { parse, plan, mebibytes, peak, text, destroyed } = all[Math.floor(rounds / 2)];
    row(
      count,
      text.toFixed(0),
      (parse / 1000).toFixed(2),
      (plan / 1000).toFixed(2),
      ((parse + plan) / count).toFixed(2),
      mebibytes.toFixed(0),
      peak.toFixed(0),
      destroyed,
    );
  }
  rmSync(outfile);
}
