// `npm run check`: every fast check, two at a time; the output of those that fail, and a line each. Which
// failed is written where scripts/test.mjs adds up, as the unit tests' own result is.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';

const results = 'node_modules/.cache/roamhome/results';
const checks = ['unit', 'lint', 'unused', 'deps', 'format', 'shell'];

const run = (name) =>
  new Promise((resolve) => {
    const started = performance.now();
    const child = spawn('npm', ['run', '--silent', `check:${name}`], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
    });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.on('error', (error) => resolve({ name, ok: false, text: String(error), seconds: 0 }));
    child.on('close', (code) =>
      resolve({
        name,
        ok: code === 0,
        text: Buffer.concat(output).toString(),
        seconds: (performance.now() - started) / 1000,
      }),
    );
  });

const queue = [...checks];
const failed = [];
const worker = async () => {
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const result = await run(name);
    if (!result.ok) failed.push(`check:${name}`);
    if (!result.ok || name === 'unit') process.stdout.write(result.text);
    console.log(`${result.ok ? 'ok    ' : 'FAILED'} check:${result.name} ${result.seconds.toFixed(1)} s`);
  }
};
await Promise.all([worker(), worker()]);
mkdirSync(results, { recursive: true });
writeFileSync(`${results}/check.json`, JSON.stringify({ failed }));
process.exitCode = failed.length === 0 ? 0 : 1;
