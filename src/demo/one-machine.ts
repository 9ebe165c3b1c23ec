import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createLocalHost } from '../host/local.ts';
import type { Host } from '../host/host.ts';
import { hostName } from '../host/known-hosts.ts';
import type { Mountpoints } from '../session/mountpoints.ts';
import type { Cleanup } from './cleanup.ts';
import { platformOfOneUser } from './platform.ts';
import { runRoamhome } from './roamhome.ts';
import { createKeyPair, startSshServer, type SshServer } from './ssh-server.ts';
import type { DemoMachine, Ran, Stage } from './stage.ts';

/** A machine of the demo that is really this one, with a pool and a `zfs` of its own. */
export interface Part {
  readonly name: string;
  readonly pool: string;
  /** Its files: key, configuration, state. */
  readonly directory: string;
  /** Where its `zfs` is. */
  readonly zfsPath: readonly string[];
  /** What zfs mounts at a path is really this folder. */
  readonly folder: (path: string) => string;
  readonly mountpoint: DemoMachine['mountpoint'];
  readonly mountpoints: Mountpoints;
  readonly homeOwner: DemoMachine['homeOwner'];
  /** alice's, as `mountpoints` shows it. */
  readonly uid: number;
}

/** Both Macs and the server on this machine, each of them by `make`, with SSH over loopback between them. */
export async function stageOnOneMachine(
  make: (name: 'mac-a' | 'mac-b' | 'server') => Part | Promise<Part>,
  cleanup: Cleanup,
  signal: AbortSignal,
): Promise<Pick<Stage, 'macA' | 'macB' | 'server' | 'setServerAway'>> {
  const [a, b, remote] = [await make('mac-a'), await make('mac-b'), await make('server')];
  const keys = [createKeyPair(), createKeyPair()] as const;
  const host = hostOf(remote, cleanup);
  const sshServer = await startSshServer({
    host,
    user: 'zfs_mobile_sync',
    authorizedKeys: keys.map(({ publicKey }) => publicKey),
  });
  cleanup.add('the SSH server', () => sshServer.close());
  for (const [index, mac] of [a, b].entries())
    configure(mac, remote, sshServer, keys[index]?.privateKey ?? '');
  const server = machineOf(remote, host, signal);
  const [macA, macB] = [a, b].map((mac) => machineOf(mac, hostOf(mac, cleanup), signal)) as [
    DemoMachine,
    DemoMachine,
  ];
  for (const { name, pool, run } of [macA, macB, server]) {
    const roots = name === 'server' ? ['profiles', 'profiles-conflicts'] : ['profiles'];
    for (const root of roots) {
      const argv = ['-o', 'canmount=off', '-o', 'mountpoint=none', '-o', 'atime=off', `${pool}/${root}`];
      const { exitCode, text } = await run(['zfs', 'create', ...argv]);
      if (exitCode !== 0) throw new Error(`${name}: cannot create ${pool}/${root}: ${text}`);
    }
  }
  return {
    macA,
    macB,
    server,
    setServerAway: (away) => {
      sshServer.setSilent(away);
      return Promise.resolve();
    },
  };
}

function hostOf({ name, zfsPath }: Part, cleanup: Cleanup): Host {
  const host = createLocalHost({ name, path: [...zfsPath, '/usr/bin', '/bin', '/usr/sbin', '/sbin'] });
  cleanup.add(`what runs on ${name}`, () => host.close());
  return host;
}

/** Writes what an admin would: the Mac's key, known_hosts and configuration. */
function configure(mac: Part, server: Part, { port, hostKey }: SshServer, privateKey: string): void {
  const file = (name: string): string => join(mac.directory, name);
  const address = '127.0.0.1';
  writeFileSync(file('id_ed25519'), privateKey, { mode: 0o600 });
  writeFileSync(file('known_hosts'), `${hostName(address, port)} ${hostKey}\n`);
  const config = {
    server: {
      ...{ address, port, identityFile: file('id_ed25519'), knownHostsFile: file('known_hosts') },
      ...rootsIn(server),
    },
    local: {
      ...rootsIn(mac),
      homeBase: mac.mountpoint('/Users'),
      macName: mac.name,
      spoolDir: file('pending'),
      stateDir: file('state'),
    },
    // The demo waits for it once.
    limits: { connectSeconds: 3 },
    zfsPath: mac.zfsPath,
  };
  writeFileSync(file('config.json'), `${JSON.stringify(config, null, 2)}\n`);
}

function rootsIn({ pool }: Part): { root: string; conflictsRoot: string } {
  return { root: `${pool}/profiles`, conflictsRoot: `${pool}/profiles-conflicts` };
}

function machineOf(part: Part, host: Host, signal: AbortSignal): DemoMachine {
  const { name, pool, mountpoint, mountpoints, homeOwner, folder, uid } = part;
  const configFile = join(part.directory, 'config.json');
  const platform = platformOfOneUser({ uid, gid: uid });
  return {
    name,
    pool,
    mountpoint,
    homeOwner,
    run: async (argv): Promise<Ran> => {
      const [program, ...words] = argv;
      if (program === 'roamhome')
        return runRoamhome({ name, configFile, platform, mountpoints, signal }, words);
      const { exitCode, stdout, stderr } = await host.run(argv, { signal });
      return { exitCode, text: stderr + stdout };
    },
    read: (path) => Promise.resolve(readFileSync(folder(path), 'utf8')),
    append: (path, line) => {
      mkdirSync(dirname(folder(path)), { recursive: true });
      appendFileSync(folder(path), `${line}\n`);
      return Promise.resolve();
    },
  };
}
