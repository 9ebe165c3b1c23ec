import { chmodSync, lchownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Host } from '../../../../src/host/host.ts';
import { createLocalHost } from '../../../../src/host/local.ts';
import { login } from '../../../../src/homes/login.ts';
import { logout } from '../../../../src/homes/logout.ts';
import type { SessionReport } from '../../../../src/homes/report.ts';
import { systemFolderFiles } from '../../../../src/homes/mount/folder-files.ts';
import { systemFileFacts } from '../../../../src/homes/mount/system-file-facts.ts';
import { systemMountpoints } from '../../../../src/homes/mount/mountpoints.ts';
import type { Session } from '../../../../src/homes/session.ts';
import { MountedFolders } from '../../../../src/simulator/files/folders.ts';
import { createSimulatedHost, type SimulatedHost } from '../../../../src/simulator/host.ts';
import { createMachine, type Machine } from '../../../../src/simulator/machine.ts';
import { parseDatasetName } from '../../../../src/zfs/names.ts';
import { createSyncZfs } from '../../../../src/zfs/sync-zfs.ts';
import { spoolIn } from '../../../support/model/world.ts';
import { restricted } from '../../../support/restrictions/restricted.ts';
import { fakeSession } from '../../../support/homes/fake-session.ts';

export const home = parseDatasetName('data/profiles/alice');
const owner = { uid: 65_534, gid: 65_534 };
const path = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];
const delegated = 'receive:append,create,mount,userprop,bookmark,snapshot,send,hold';

/** A Mac whose zfs is the simulator's, with real folders for mounts and real programs beside it. */
export interface ExcludeMac {
  readonly machine: Machine;
  readonly session: (killAt?: number) => Session;
  /** Of a path of the home while it is mounted. */
  readonly at: (path: string) => string;
  readonly put: (path: string, text: string) => void;
  readonly zfs: (...words: readonly string[]) => Promise<string>;
  readonly login: () => Promise<SessionReport>;
  readonly logout: () => Promise<SessionReport>;
  /** Its processes, as far as anybody counts them. */
  readonly runs: { processes: number };
}

export interface ExcludeWorld {
  readonly a: ExcludeMac;
  readonly b: ExcludeMac;
  readonly server: SimulatedHost;
  readonly serverMachine: Machine;
  /** Commands on the server since the last call. */
  readonly asked: () => readonly string[];
  readonly remove: () => void;
}

export class Killed extends Error {}

/** Two Macs and a server; alice has a home on the first, mounted, that nobody else knows. */
export async function createExcludeWorld(): Promise<ExcludeWorld> {
  const base = mkdtempSync(join(tmpdir(), 'exclude-'));
  chmodSync(base, 0o755);
  let guid = 1000n;
  let now = Date.UTC(2026, 10, 20, 6, 45);
  const make = (): Machine =>
    createMachine({ pools: ['data'], random: () => (guid += 7n), now: () => (now += 1000) });
  const serverMachine = make();
  const server = createSimulatedHost({ name: 'server', machine: serverMachine });
  for (const root of ['data/profiles', 'data/profiles-conflicts']) {
    await ok(server, 'create', '-o', 'canmount=off', '-o', 'mountpoint=none', root);
    await ok(server, 'allow', '-u', 'zfs_mobile_sync', delegated, root);
  }
  const account = createSimulatedHost({ name: 'server', machine: serverMachine, user: 'zfs_mobile_sync' });
  const macs: ExcludeMac[] = [];
  for (const name of ['mac-a', 'mac-b'])
    macs.push(await createMac(name, join(base, name), make(), account, () => now));
  const [a, b] = macs as [ExcludeMac, ExcludeMac];
  await a.zfs('create', '-o', 'canmount=noauto', '-o', `mountpoint=${a.at('.').slice(0, -2)}`, home);
  await a.zfs('mount', home);
  lchownSync(a.at('.'), owner.uid, owner.gid);
  let seen = 0;
  return {
    ...{ a, b, server, serverMachine },
    asked: () => {
      const lines = account.commandLog.map(({ argv }) => argv.slice(1).join(' '));
      return lines.slice(seen, (seen = lines.length));
    },
    remove: () => {
      rmSync(base, { recursive: true });
    },
  };
}

async function ok(host: Host, ...words: readonly string[]): Promise<string> {
  const { exitCode, stderr, stdout } = await host.run(['zfs', ...words]);
  if (exitCode !== 0) throw new Error(`zfs ${words.join(' ')}: ${stderr}`);
  return stdout;
}

async function createMac(
  name: string,
  base: string,
  machine: Machine,
  account: SimulatedHost,
  now: () => number,
): Promise<ExcludeMac> {
  mkdirSync(join(base, 'Users'), { recursive: true });
  const mountpoint = join(base, 'Users/alice');
  const stateDir = join(base, 'state');
  const simulated = createSimulatedHost({ name: 'this Mac', machine });
  const real = createLocalHost({ name: 'this Mac', path });
  const mounts = new MountedFolders(base);
  const host: Host = {
    ...simulated,
    run: async (argv, options) => {
      if (argv[0] !== 'zfs') return real.run(argv, options);
      mounts.readBack(machine);
      const result = await simulated.run(argv, options);
      mounts.writeOut(machine);
      return result;
    },
    stream: async (argv, options) => {
      if (argv[0] !== 'zfs') return real.stream(argv, options);
      mounts.readBack(machine);
      const running = await simulated.stream(argv, options);
      return running;
    },
  };
  for (const root of ['data/profiles', 'data/profiles-conflicts'])
    await ok(host, 'create', '-o', 'canmount=off', '-o', 'mountpoint=none', root);
  const pending = new Map<string, string>();
  const runs = { processes: 0 };
  const observer = { command: () => undefined, warning: () => undefined };
  const isMounted = (place: string): boolean =>
    [...machine.datasets.values()].some(
      ({ mounted, properties }) =>
        mounted !== null && mounts.folderOf(properties.get('mountpoint')?.value ?? '') === place,
    );
  const session = (killAt = Infinity): Session => {
    const fake = fakeSession({}).session;
    const killable = kill(host, killAt);
    const toServer = restricted(account, name);
    const platform = {
      ...fake.platform,
      findAccount: (user: string) => Promise.resolve({ name: user, ...owner }),
      countProcesses: () => Promise.resolve(runs.processes),
    };
    return {
      ...fake,
      config: { ...fake.config, local: { ...fake.config.local, stateDir, macName: name } },
      platform,
      local: createSyncZfs(killable, observer),
      localHome: home,
      serverHome: home,
      mountpoint,
      mountpoints: { ...systemMountpoints, isMountpoint: (place) => Promise.resolve(isMounted(place)) },
      files: systemFileFacts(platform),
      folders: systemFolderFiles({
        kind: 'linux',
        root: killable,
        hostAs: (as) => createLocalHost({ name: 'this Mac', path, as }),
        stateDir,
      }),
      server: {
        ...fake.server,
        zfs: createSyncZfs(kill(toServer, Infinity, killable), observer),
        connect: () => Promise.resolve(),
      },
      acquireLock: () => Promise.resolve(() => Promise.resolve()),
      spool: spoolIn(pending),
      now: () => new Date(now()),
    };
  };
  const at = (file: string): string => `${mountpoint}/${file}`;
  return {
    ...{ machine, session, at, runs },
    zfs: (...words) => ok(host, ...words),
    put: (file, text) => {
      mkdirSync(dirname(at(file)), { recursive: true });
      writeFileSync(at(file), text);
      for (let place = at(file); place.startsWith(`${mountpoint}/`); place = dirname(place))
        lchownSync(place, owner.uid, owner.gid);
    },
    login: () => login(session()),
    logout: () => logout(session()),
  };
}

type Killable = Host & { readonly count: () => void };

/** A host on which nothing happens any more from its n-th command on; `after`: and that shares another's count. */
function kill(host: Host, at: number, shared?: Killable): Killable {
  let commands = 0;
  const count =
    shared?.count ??
    ((): void => {
      commands += 1;
      if (commands >= at) throw new Killed(`killed before command ${at}`);
    });
  return {
    ...host,
    count,
    run: async (argv, options) => {
      count();
      return host.run(argv, options);
    },
    stream: async (argv, options) => {
      count();
      return host.stream(argv, options);
    },
  };
}
