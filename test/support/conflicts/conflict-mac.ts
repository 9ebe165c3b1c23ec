import { chmodSync, lchownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createLocalHost, type Identity } from '../../../src/host/local.ts';
import type { Host } from '../../../src/host/host.ts';
import { systemFileFacts } from '../../../src/homes/mount/system-file-facts.ts';
import type { Session } from '../../../src/homes/session.ts';
import { MountedFolders } from '../../../src/simulator/files/folders.ts';
import { createSimulatedHost, type SimulatedHost } from '../../../src/simulator/host.ts';
import { createMachine, type Machine } from '../../../src/simulator/machine.ts';
import { parseDatasetName, type DatasetName } from '../../../src/zfs/names.ts';
import { createSyncZfs, type SyncZfs } from '../../../src/zfs/sync-zfs.ts';
import { restricted } from '../restrictions/restricted.ts';
import { fakeSession } from '../homes/fake-session.ts';

/** As itself where it is no root; nobody else's programs can be run then. */
const own: Identity =
  process.getuid?.() === 0
    ? { uid: 65_534, gid: 65_534 }
    : { uid: process.getuid?.() ?? 1, gid: process.getgid?.() ?? 1 };

export const home = parseDatasetName('data/profiles/alice');
export const conflictsRoot = parseDatasetName('data/profiles-conflicts');
export const name = 'alice-mac7-20261120T064500Z';
export const conflict = parseDatasetName(`${conflictsRoot}/${name}`);

/** A Mac on the simulator whose mounts are real folders, with real programs beside its zfs; and its server. */
export interface ConflictMac {
  readonly machine: Machine;
  readonly server: SimulatedHost;
  readonly zfs: SyncZfs;
  readonly session: Session;
  /** What its zfs was told. */
  readonly commands: () => readonly string[];
  readonly run: (...commands: readonly string[]) => Promise<void>;
  readonly runOnServer: (...commands: readonly string[]) => Promise<void>;
  readonly hostAs: (identity: Identity) => Host;
  /** Of a path of the home, or of a folder that anybody may enter. */
  readonly at: (path: string) => string;
  readonly put: (path: string, text: string) => void;
  /** The clock of both goes on. */
  readonly pass: (seconds: number) => void;
  readonly remove: () => void;
}

function ok(host: Host) {
  return async (...commands: readonly string[]): Promise<void> => {
    for (const words of commands) {
      const { exitCode, stderr } = await host.run(['zfs', ...words.split(' ')]);
      if (exitCode !== 0) throw new Error(`zfs ${words}: ${stderr}`);
    }
  };
}

/** A stream from a host's `zfs send` into the other's `zfs receive`. */
export async function pipe(from: Host, send: string, to: Host, receive: string): Promise<void> {
  const [source, sink] = [
    await from.stream(['zfs', ...send.split(' ')]),
    await to.stream(['zfs', ...receive.split(' ')]),
  ];
  source.stdin.end();
  sink.stdout.resume();
  source.stdout.pipe(sink.stdin);
  const { exitCode, stderr } = await sink.done;
  if (exitCode !== 0) throw new Error(`${receive}: ${stderr}`);
}

/**
 * alice's home with a dataset below it, and a conflict of it, on the Mac and on the server. `edit` writes what is in the
 * conflict alone, with the home before it mounted.
 */
export async function createConflictMac(options: {
  readonly before: (mac: Pick<ConflictMac, 'put' | 'at'>) => void;
  readonly edit: (mac: Pick<ConflictMac, 'put' | 'at'>) => void;
  readonly after: (mac: Pick<ConflictMac, 'put' | 'at'>) => void;
}): Promise<ConflictMac> {
  const base = mkdtempSync(join(tmpdir(), 'conflict-mac-'));
  chmodSync(base, 0o755);
  mkdirSync(join(base, 'Users'));
  let guid = 1000n;
  let now = Date.UTC(2026, 10, 20, 6, 45);
  const make = (): Machine => createMachine({ pools: ['data'], random: () => (guid += 7n), now: () => now });
  const machine = make();
  const [simulated, server] = [
    createSimulatedHost({ name: 'this Mac', machine }),
    createSimulatedHost({ name: 'server', machine: make() }),
  ];
  const path = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];
  const real = createLocalHost({ name: 'this Mac', path });
  const folders = new MountedFolders(base);
  const host: Host = {
    ...simulated,
    run: async (argv, runOptions) => {
      if (argv[0] !== 'zfs') return real.run(argv, runOptions);
      folders.readBack(machine);
      const result = await simulated.run(argv, runOptions);
      folders.writeOut(machine);
      return result;
    },
    stream: (argv, runOptions) => (argv[0] === 'zfs' ? simulated : real).stream(argv, runOptions),
  };
  const mountpoint = join(base, 'Users/alice');
  const at = (file: string): string => join(base, 'Users/alice', file);
  const put = (file: string, text: string): void => {
    mkdirSync(dirname(at(file)), { recursive: true });
    writeFileSync(at(file), text);
    if (process.getuid?.() !== 0) return;
    for (let place = at(file); place.startsWith(mountpoint); place = dirname(place))
      lchownSync(place, own.uid, own.gid);
  };
  const [run, runOnServer] = [ok(host), ok(server)];
  const properties = `-o canmount=noauto -o mountpoint=${mountpoint} -o atime=off`;
  await run(
    'create -o canmount=off -o mountpoint=none data/profiles',
    'create -o canmount=off -o mountpoint=none data/profiles-conflicts',
    `create ${properties} ${home}`,
    `create -o canmount=noauto ${home}/mail`,
    `mount ${home}`,
    `mount ${home}/mail`,
  );
  await runOnServer(
    'create -o canmount=off -o mountpoint=none data/profiles',
    'create -o canmount=off -o mountpoint=none data/profiles-conflicts',
  );
  options.before({ at, put });
  await run(`snapshot -r ${home}@a`);
  for (const child of ['', '/mail'])
    await pipe(host, `send ${home}${child}@a`, server, `receive -u ${home}${child}`);
  options.edit({ at, put });
  await run(`unmount ${home}`, `snapshot -r ${home}@x`);
  for (const child of ['', '/mail']) {
    const mark = child === '' ? ' -o roamhome:conflict=alice' : '';
    const receive = `receive -u -o origin=${home}${child}@a${mark} ${conflict}${child}`;
    await pipe(host, `send -i ${home}${child}@a ${home}${child}@x`, server, receive);
  }
  await run(
    `set roamhome:conflict=alice ${home}`,
    `rename -u ${home} ${conflict}`,
    `clone ${properties} ${conflict}@a ${home}`,
    `clone -o canmount=noauto ${conflict}/mail@a ${home}/mail`,
    `promote ${home}/mail`,
    `promote ${home}`,
    `mount ${home}`,
    `mount ${home}/mail`,
  );
  options.after({ at, put });
  const observer = { command: () => undefined, warning: () => undefined };
  const zfs = createSyncZfs(host, observer);
  const fake = fakeSession({}).session;
  const session: Session = {
    ...fake,
    config: { ...fake.config, local: { ...fake.config.local, stateDir: join(base, 'state') } },
    platform: { ...fake.platform, findAccount: (user) => Promise.resolve({ name: user, ...own }) },
    local: zfs,
    localHome: home,
    serverHome: home,
    files: systemFileFacts(fake.platform),
    mountpoint,
    server: {
      ...fake.server,
      zfs: createSyncZfs(restricted(server, fake.config.local.macName), observer),
    },
    acquireLock: () => Promise.resolve(() => Promise.resolve()),
  };
  return {
    ...{ machine, server, zfs, session, run, runOnServer, at, put },
    commands: () => simulated.commandLog.map(({ argv }) => argv.slice(1).join(' ')),
    hostAs: (as) => createLocalHost({ name: 'this Mac', path, as }),
    pass: (seconds) => {
      now += seconds * 1000;
    },
    remove: () => {
      rmSync(base, { recursive: true });
    },
  };
}

/** A conflict that differs from the home in all ways, in both datasets. */
export const story: Parameters<typeof createConflictMac>[0] = {
  before: ({ put }) => {
    put('novel', 'Call me Ishmael.');
    put('mail/inbox', 'one');
  },
  edit: ({ put }) => {
    put('novel', 'Call me Ishmael. Some years ago');
    put('Documents/plan', 'only in the conflict');
    put('mail/inbox', 'one, two');
    put('mail/old/letter', 'only in the conflict');
  },
  after: ({ put }) => {
    put('novel', 'Call me Ahab.');
    put('new-here', 'only in the home');
  },
};

/** The names of a machine's datasets below a root. */
export function datasetsBelow(machine: Machine, root: DatasetName): readonly string[] {
  return [...machine.datasets.keys()].filter((each) => each.startsWith(`${root}/`)).sort();
}
