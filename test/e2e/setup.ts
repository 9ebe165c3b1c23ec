import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { exec, fileOf, lab, put, sh, type LabHost } from './lab.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const macs: readonly LabHost[] = ['mac-a', 'mac-b'];

/** The saved state of the lab that every end-to-end test starts from: clean hosts with Roamhome on the Macs. */
export const installed = 'installed';

/** What an admin writes into a Mac's configuration in the lab. */
export const macConfig = { server: { address: 'server' }, local: { homeBase: '/Users' } };

/** Once for all end-to-end tests: the lab is up, this checkout's Roamhome is on the Macs, and that is saved. */
export default async function setup(): Promise<void> {
  for (const script of ['scripts/build.mjs', 'scripts/package.mjs']) {
    execFileSync(process.execPath, [script], { cwd: root, stdio: 'inherit' });
  }
  await lab('up');
  await lab('reset', 'clean');
  const archive = await fileOf('build/roamhome.tgz');
  await Promise.all(macs.map((mac) => install(mac, archive)));
  await lab('save', installed);
}

async function install(mac: LabHost, archive: Buffer): Promise<void> {
  const ran = await exec(mac, ['tar', '-C', '/usr/local/lib', '-xz'], archive);
  if (ran.code !== 0) throw new Error(`${mac}: cannot unpack Roamhome: ${ran.stderr}`);
  await sh(mac, 'ln -sf ../lib/roamhome/dist/main.js /usr/local/bin/roamhome; mkdir -p /opt/roamhome-test');
  await put(mac, '/etc/roamhome/config.json', JSON.stringify(macConfig));
  for (const tool of ['make-home.mjs', 'describe-tree.mjs']) {
    await put(mac, `/opt/roamhome-test/${tool}`, await fileOf(`test/e2e/guest/${tool}`));
  }
  // Loaded once, so that no test pays for a cold page cache.
  await exec(mac, ['roamhome', 'config', 'show']);
}
