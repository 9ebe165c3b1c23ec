import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyPair, startSshServer } from '../../src/demo/ssh-server.ts';
import { hostName } from '../../src/host/ssh/known-hosts.ts';
import { policyOf, refusedBy } from './restrictions/restricted.ts';
import { bundle } from './bundle.ts';
import { createSimulatedMachine, type SimulatedMachine } from './simulated-machine.ts';

/** A Mac whose users have three snapshots that the server lacks. The program and SSH are real, ZFS is the simulator. */
export interface RoamingMac {
  /** While it has a file `hold-USER`, nothing of that user's home is sent. */
  readonly directory: string;
  /** Has the program `roamhome`, with settings of its own. */
  readonly bin: string;
  readonly zfs: SimulatedMachine['zfs'];
  readonly server: SimulatedMachine;
  readonly remove: () => Promise<void>;
}

/** Makes one as root. `homes`: the users, with the MiB of each of their snapshots. */
export async function createRoamingMac(homes: Readonly<Record<string, number>>): Promise<RoamingMac> {
  const [zfs, run] = await Promise.all([bundle('simulator/main.ts'), bundle('cli/run.ts')]);
  const directory = mkdtempSync(join(tmpdir(), 'roamhome-mac-'));
  const file = (name: string): string => join(directory, name);
  const machineOf = (name: string): SimulatedMachine => {
    const machine = createSimulatedMachine(name, file(name), zfs.path);
    const script = file(`${name}/bin/zfs`);
    const before = `process.env.ROAMHOME_SIMULATOR = ${JSON.stringify(file(`${name}/state`))};
const { existsSync } = await import('node:fs');
const [, , verb, ...words] = process.argv;
const user = /^data\\/profiles\\/(\\w+)/.exec(words.at(-1))?.[1];
while (verb === 'send' && existsSync(${JSON.stringify(file('hold-'))} + user)) await new Promise((done) => setTimeout(done, 50));`;
    writeFileSync(script, readFileSync(script, 'utf8').replace('\n', `\n{${before}}\n`));
    return machine;
  };
  const [mac, server] = [machineOf('mac'), machineOf('server')];
  const key = createKeyPair();
  const ssh = await startSshServer({
    host: server.host,
    user: 'zfs_mobile_sync',
    authorizedKeys: [{ publicKey: key.publicKey, whyRefused: refusedBy(policyOf('mac7')) }],
  });
  writeFileSync(file('id'), key.privateKey, { mode: 0o600 });
  writeFileSync(file('known_hosts'), `${hostName('127.0.0.1', ssh.port)} ${ssh.hostKey}\n`);
  const config = {
    server: {
      ...{ address: '127.0.0.1', port: ssh.port },
      ...{ identityFile: file('id'), knownHostsFile: file('known_hosts') },
    },
    local: {
      ...{ homeBase: mac.folder('/Users'), macName: 'mac7' },
      ...{ spoolDir: file('pending'), stateDir: file('state') },
    },
    limits: { connectSeconds: 30, processGraceSeconds: 0 },
    progress: { statusDir: file('status') },
    log: { file: file('log') },
    zfsPath: [file('mac/bin')],
  };
  writeFileSync(file('config.json'), JSON.stringify(config));
  // A directory service that knows them all.
  const users = Object.keys(homes);
  writeFileSync(
    file('getent'),
    `#!/bin/sh
case "$1" in passwd) echo "$2:x:3987:3987::/:/bin/sh" ;; group) echo "$2:x:2100:${users.join(',')}" ;; esac
`,
  );
  chmodSync(file('getent'), 0o755);
  const main = `import { run } from ${JSON.stringify(run.path)}; await run([...process.argv.slice(2), '--config', ${JSON.stringify(file('config.json'))}]);`;
  writeFileSync(file('main.mjs'), main);
  mkdirSync(file('bin'));
  writeFileSync(
    file('bin/roamhome'),
    `#!/bin/sh
# In the place of the system's own, from where it is run: for this process alone.
exec unshare -m sh -c 'mount --bind "$1" /usr/bin/getent || exit 98; shift; exec "$@"' sh ${file('getent')} ${process.execPath} ${file('main.mjs')} "$@"
`,
    {
      mode: 0o755,
    },
  );
  for (const machine of [mac, server])
    await machine.zfs('create', '-o', 'canmount=off', '-o', 'mountpoint=none', 'data/profiles');
  for (const [user, mebibytes] of Object.entries(homes)) {
    const [mountpoint, home] = [mac.folder(`/Users/${user}`), `data/profiles/${user}`];
    await mac.zfs('create', '-o', 'canmount=noauto', '-o', `mountpoint=${mountpoint}`, home);
    await mac.zfs('mount', home);
    for (let session = 1; session <= 3; session++) {
      writeFileSync(join(mountpoint, `film-${session}`), randomBytes(mebibytes << 20));
      await mac.zfs('snapshot', `${home}@roamhome-20261120T0${session}4500.123Z-mac7`);
    }
  }
  return {
    ...{ directory, bin: file('bin'), zfs: (...words) => mac.zfs(...words), server },
    remove: async () => {
      await ssh.close();
      for (const one of [zfs, run]) one.remove();
      rmSync(directory, { recursive: true });
    },
  };
}
