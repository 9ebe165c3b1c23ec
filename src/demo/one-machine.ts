import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runSessionWithoutRoot, type Ran } from '../cli/session/session-without-root.ts';
import { createLocalHost } from '../host/local.ts';
import type { Host } from '../host/host.ts';
import { hostName } from '../host/ssh/known-hosts.ts';
import type { Mountpoints } from '../homes/mount/mountpoints.ts';
import type { Cleanup } from './cleanup.ts';
import { gateOf } from './gate-of.ts';
import { platformOfOneUser } from './platform.ts';
import { createKeyPair, startSshServer, type KeyPair, type SshServer } from './ssh-server.ts';
import { must, type DemoMachine, type Stage } from './stage.ts';

const account = 'zfs_mobile_sync';
/** As README.md has it. */
const delegated = 'receive:append,create,mount,userprop,bookmark,snapshot,send,hold';

/** A machine of the demo that is really this one, with a pool and a `zfs` of its own. */
export interface Part {
  readonly name: string;
  readonly pool: string;
  /** Its files: key, configuration, state. */
  readonly directory: string;
  /** Where its `zfs` is. */
  readonly zfsPath: readonly string[];
  /** Of the server: where the `zfs` of its account for the Macs is, to whom rights are delegated; null: that of root. */
  readonly delegatedZfsPath: readonly string[] | null;
  /** What zfs mounts at a path is really this folder. */
  readonly folder: (path: string) => string;
  readonly mountpoint: DemoMachine['mountpoint'];
  readonly mountpoints: Mountpoints;
  readonly homeOwner: DemoMachine['homeOwner'];
  /** alice's, as `mountpoints` shows it. */
  readonly uid: number;
}

/**
 * Both Macs and the server on this machine, each of them by `make`, with SSH over loopback between them. `run`: the Macs'
 * Roamhome, where it is not the one that this is part of.
 */
export async function stageOnOneMachine(
  make: (name: 'mac-a' | 'mac-b' | 'server') => Part | Promise<Part>,
  cleanup: Cleanup,
  signal: AbortSignal,
  run = runSessionWithoutRoot,
): Promise<Pick<Stage, 'macA' | 'macB' | 'server' | 'setServerAway'>> {
  const [a, b, remote] = [await make('mac-a'), await make('mac-b'), await make('server')];
  const macs = [a, b].map((mac) => ({ mac, key: createKeyPair() }));
  const sshServer = await startSshServer({
    host: hostOf(remote, remote.delegatedZfsPath ?? remote.zfsPath, cleanup),
    user: account,
    authorizedKeys: macs.map(({ mac, key: { publicKey } }) => ({
      ...{ publicKey, whyRefused: gateOf(mac.name, rootsIn(remote)) },
    })),
  });
  cleanup.add('the SSH server', () => sshServer.close());
  for (const { mac, key } of macs) configure(mac, remote, sshServer, key);
  const [macA, macB, server] = [a, b, remote].map((part) =>
    machineOf(part, hostOf(part, part.zfsPath, cleanup), signal, run),
  ) as [DemoMachine, DemoMachine, DemoMachine];
  for (const mac of [macA, macB]) await createRoot(mac, 'profiles');
  for (const root of ['profiles', 'profiles-conflicts']) {
    await createRoot(server, root);
    if (remote.delegatedZfsPath !== null)
      await must(server, ['zfs', 'allow', '-u', account, delegated, `${server.pool}/${root}`]);
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

async function createRoot(machine: DemoMachine, root: string): Promise<void> {
  const properties = ['-o', 'canmount=off', '-o', 'mountpoint=none', '-o', 'atime=off'];
  await must(machine, ['zfs', 'create', ...properties, `${machine.pool}/${root}`]);
}

function hostOf({ name }: Part, zfsPath: readonly string[], cleanup: Cleanup): Host {
  const host = createLocalHost({ name, path: [...zfsPath, '/usr/bin', '/bin', '/usr/sbin', '/sbin'] });
  cleanup.add(`what runs on ${name}`, () => host.close());
  return host;
}

/** Writes what an admin would: the Mac's key, known_hosts and configuration. */
function configure(mac: Part, server: Part, { port, hostKey }: SshServer, key: KeyPair): void {
  const file = (name: string): string => join(mac.directory, name);
  const address = '127.0.0.1';
  writeFileSync(file('id_ed25519'), key.privateKey, { mode: 0o600 });
  writeFileSync(file('known_hosts'), `${hostName(address, port)} ${hostKey}\n`);
  const config = {
    role: 'mac',
    server: {
      address,
      port,
      user: account,
      identityFile: file('id_ed25519'),
      knownHostsFile: file('known_hosts'),
      ...rootsIn(server),
    },
    local: {
      ...rootsIn(mac),
      homeBase: mac.mountpoint('/Users'),
      macName: mac.name,
      spoolDir: file('pending'),
      stateDir: file('state'),
    },
    zfsPath: mac.zfsPath,
  };
  writeFileSync(file('config.json'), `${JSON.stringify(config, null, 2)}\n`);
}

function rootsIn({ pool }: Part): { root: string; conflictsRoot: string } {
  return { root: `${pool}/profiles`, conflictsRoot: `${pool}/profiles-conflicts` };
}

function machineOf(
  part: Part,
  host: Host,
  signal: AbortSignal,
  runSession: typeof runSessionWithoutRoot,
): DemoMachine {
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
        return runSession({ name, configFile, platform, mountpoints, signal }, words);
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
