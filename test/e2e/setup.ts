import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, inject } from 'vitest';
import { fileOf, installed, lab, put, run, type LabHost } from './lab.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const macs: readonly LabHost[] = ['mac-a', 'mac-b'];

// Each worker has a lab of its own; scripts/lab, and what runs it, reads this.
const name = inject('labs')[Number(process.env['VITEST_POOL_ID'] ?? 1) - 1];
if (name === undefined) throw new Error('more workers than labs: see maxWorkers in vitest.config.ts');
process.env['ROAMHOME_LAB_NAME'] = name;

/** The run of the tests that this lab was last made ready for: it is with the lab's disks, and goes with them. */
const marker = `/var/lib/${name}/installed-for`;

/** In the first file of each lab: it is up, this checkout's Roamhome is on the Macs, and that is saved. */
beforeAll(async () => {
  const thisRun = inject('run');
  if (lastRun() === thisRun) return;
  execFileSync(`${root}scripts/lab-install`, ['--packaged'], { cwd: root, stdio: 'inherit' });
  for (const mac of macs) {
    await run(mac, 'mkdir', '-p', '/opt/roamhome-test');
    for (const tool of ['make-home.mjs', 'describe-tree.mjs']) {
      await put(mac, `/opt/roamhome-test/${tool}`, await fileOf(`test/e2e/guest/${tool}`));
    }
  }
  await lab('save', installed);
  writeFileSync(marker, thisRun);
});

function lastRun(): string | null {
  try {
    return readFileSync(marker, 'utf8');
  } catch {
    return null;
  }
}
