// Writes into test/e2e/durations.json how long each file of the lab took in the last run of scripts/test: run it after one on a quiet
// machine. Files that were not run then keep what is recorded.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';

const results = 'node_modules/.cache/roamhome/results';
const recorded = 'test/e2e/durations.json';
const durations = JSON.parse(readFileSync(recorded, 'utf8'));
for (const report of readdirSync(results).filter((name) => /^e2e.*\.json$/.test(name))) {
  for (const { name, startTime, endTime, status } of JSON.parse(readFileSync(`${results}/${report}`, 'utf8'))
    .testResults) {
    if (status === 'passed') durations[relative('.', name)] = Math.round((endTime - startTime) / 1000);
  }
}
const sorted = Object.fromEntries(Object.entries(durations).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(recorded, `${JSON.stringify(sorted, null, 2)}\n`);
