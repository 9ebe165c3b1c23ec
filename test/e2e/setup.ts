import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { fileOf, lab, put, run, type LabHost } from './lab.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const macs: readonly LabHost[] = ['mac-a', 'mac-b'];

/** The saved state of the lab that every end-to-end test starts from: clean hosts with Roamhome on the Macs. */
export const installed = 'installed';

/** Once for all end-to-end tests: the lab is up, this checkout's Roamhome is on the Macs, and that is saved. */
export default async function setup(): Promise<void> {
  execFileSync(`${root}scripts/lab-install`, { cwd: root, stdio: 'inherit' });
  for (const mac of macs) {
    await run(mac, 'mkdir', '-p', '/opt/roamhome-test');
    for (const tool of ['make-home.mjs', 'describe-tree.mjs']) {
      await put(mac, `/opt/roamhome-test/${tool}`, await fileOf(`test/e2e/guest/${tool}`));
    }
  }
  await lab('save', installed);
}
