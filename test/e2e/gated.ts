import { gateCommand, policyText, type Policy } from '../../src/gate/policy.ts';
import { policyOf } from '../support/restrictions/restricted.ts';
import { exec, fileOf, put, run, sh, type LabHost, type Ran } from './lab.ts';

const gate = '/usr/local/lib/roamhome/dist/gate.js';
const macs = ['mac-a', 'mac-b'] as const;
const policyFile = (mac: LabHost): string => `/etc/roamhome/keys/${mac}.json`;

/** The server as it is set up with the gate: a policy and a forced command for each Mac's key. */
export async function setUpGate(): Promise<void> {
  await sh(
    'server',
    `mkdir -p /usr/local/lib/roamhome/dist /etc/roamhome/keys; usermod -s /bin/sh zfs_mobile_sync`,
  );
  for (const file of ['gate.js', 'package.json'])
    await put('server', `/usr/local/lib/roamhome/dist/${file}`, await fileOf(`dist/${file}`));
  let keys = '';
  for (const mac of macs) {
    await setPolicy(mac);
    const words = gateCommand({ node: '/usr/local/bin/node', gate, policy: policyFile(mac) });
    const key = await run(mac, 'cat', '/etc/roamhome/id_ed25519.pub');
    keys += `restrict,command="${words.join(' ')}" ${key.trim()}\n`;
  }
  await put('server', '/var/lib/zfs_mobile_sync/.ssh/authorized_keys', keys);
}

/** What a Mac's key may do from now on. */
export async function setPolicy(mac: LabHost, policy: Partial<Policy> = {}): Promise<void> {
  await put('server', policyFile(mac), policyText({ ...policyOf(mac), ...policy }));
}

const options =
  '-q -i /etc/roamhome/id_ed25519 -o BatchMode=yes -o UserKnownHostsFile=/etc/roamhome/known_hosts';

/** Anything, with a Mac's own key. */
export async function ask(mac: LabHost, command: string, input?: Buffer): Promise<Ran> {
  return exec(mac, ['ssh', ...options.split(' '), 'zfs_mobile_sync@server', command], input);
}
