import { createHash } from 'node:crypto';
import { defaultsFor } from '../../../src/config/defaults.ts';
import { platformOfOneUser } from '../../../src/demo/platform.ts';
import { noRunningPrograms } from '../../../src/platform/running-program.ts';
import { silentLog } from '../../../src/log/silent-log.ts';
import { isRoamhomeError } from '../../../src/errors/errors.ts';
import { unwatched } from '../../../src/progress/event.ts';
import { checkpoint, type CheckpointOutcome } from '../../../src/homes/checkpoint.ts';
import { login } from '../../../src/homes/login.ts';
import { logout } from '../../../src/homes/logout.ts';
import { isConflict, type SessionReport } from '../../../src/homes/report.ts';
import { pushPending, type PushOutcome } from '../../../src/homes/push-pending.ts';
import type { Session } from '../../../src/homes/session.ts';
import type { Lack, Spool } from '../../../src/homes/pending/spool.ts';
import { mountedFiles, powerCut, treeOf } from '../../../src/simulator/files/files.ts';
import { createSimulatedHost, type SimulatedHost } from '../../../src/simulator/host.ts';
import { createMachine, datasetsAtOrBelow, type Machine } from '../../../src/simulator/machine.ts';
import { listHomes, type ThinningJob } from '../../../src/thinning/plan-homes.ts';
import { parseSchedule } from '../../../src/thinning/schedule.ts';
import { thinHomes, type ThinReport } from '../../../src/thinning/thin-homes.ts';
import type { Contents } from '../../../src/sync/likeness.ts';
import type { TendMemory } from '../../../src/homes/tending/plan-tend.ts';
import { tend, type TendOptions } from '../../../src/homes/tending/tend.ts';
import { parseDatasetName } from '../../../src/zfs/names.ts';
import { createSyncZfs } from '../../../src/zfs/sync-zfs.ts';
import { restricted } from '../restrictions/restricted.ts';
import { FaultyRun, type Fault } from './faults.ts';
import { filesOf } from './files-of.ts';
import { entriesAt, foldersOf } from './folders-of.ts';
import { watchRollbacks } from './invariants.ts';

const home = 'data/profiles/alice';
const keyDirectory = '/etc/roamhome/keys';
const delegated = 'receive:append,create,mount,userprop,bookmark,snapshot,send,hold';

/** A Mac of the model. */
export interface Mac {
  readonly name: string;
  readonly machine: Machine;
  /** The agent's. */
  readonly host: SimulatedHost;
  /** A person's. */
  readonly root: SimulatedHost;
  /** An account that may run no channel programs, as where OpenZFS has none: the server thins by one, the Macs without. */
  readonly thinner: SimulatedHost;
  /** As the agent sees the server from here. */
  readonly toServer: SimulatedHost;
  online: boolean;
  loggedIn: boolean;
  /** Its homes' pool has no room for another snapshot. */
  full: boolean;
  /** The users whose homes wait to be sent. */
  readonly pending: Map<string, string>;
  /** What a rollback has given up that was the user's; none ever may. */
  readonly givenUp: string[];
}

/** Three Macs, a server, and one user who wanders between them. */
export interface World {
  readonly server: Machine;
  /** The server's root. */
  readonly admin: SimulatedHost;
  readonly macs: readonly Mac[];
  /** Milliseconds since the epoch, by everybody's clock. */
  now: number;
  edits: number;
  /** The newest that was given to anything. */
  guid: bigint;
  /** The home is encrypted, and is sent so. */
  raw: boolean;
  /** The server's record after a login on another Mac while a run was under way; null: there was none. */
  recordMeanwhile: string | null;
  /** A running number for names that other tools give. */
  tools: number;
  /** The runs that have told of a conflict, as they told it. */
  readonly conflicts: string[];
}

/** What a home is like. */
export interface HomeOptions {
  readonly children: boolean;
  /** A volume with a snapshot in the home, and one beside the homes on the server. */
  readonly volumes?: boolean;
  readonly raw?: boolean;
  /** A dataset below the home, and snapshots of other tools, have names that no command on the server can say. */
  readonly blanks?: boolean;
}

/** `~` stands for a blank in a name. */
async function ok(host: SimulatedHost, words: string): Promise<void> {
  const { exitCode, stderr } = await host.run([
    'zfs',
    ...words.split(' ').map((word) => word.replaceAll('~', ' ')),
  ]);
  if (exitCode !== 0) throw new Error(`zfs ${words}: ${stderr}`);
}

/** A home on the first Mac, with a dataset below it if asked for, and everything else as an admin sets it up. */
export async function createWorld(options: HomeOptions): Promise<World> {
  const { raw = false } = options;
  const world = worldOf({ now: Date.UTC(2026, 10, 20, 6, 45), edits: 0, guid: 1000n, raw, tools: 0 });
  for (const root of ['data/profiles', 'data/profiles-conflicts']) {
    await ok(world.admin, `create -o canmount=off -o mountpoint=none ${root}`);
    await ok(world.admin, `allow -u zfs_mobile_sync ${delegated} ${root}`);
  }
  for (const { root } of world.macs) {
    await ok(root, 'create -o canmount=off -o mountpoint=none data/profiles');
    await ok(root, 'allow -u thinner bookmark,destroy,mount data/profiles');
  }
  const [first] = world.macs;
  if (first !== undefined) {
    const own = '-o canmount=noauto -o mountpoint=/Users/alice -o atime=off -o setuid=off -o devices=off';
    const encrypted = `-o encryption=on -o keyformat=passphrase -o keylocation=file://${keyDirectory}/alice.key`;
    await ok(first.root, `create ${own} ${raw ? `${encrypted} ` : ''}${home}`);
    await ok(first.root, `mount ${home}`);
    if (options.children) {
      await ok(first.root, `create ${home}/mail`);
      await ok(first.root, `create -o roamhome:sync=off ${home}/caches`);
    }
    if (options.blanks === true) await ok(first.root, `create ${home}/Calibre~Library`);
    if (options.volumes === true) {
      for (const [host, volume] of [
        [first.root, `${home}/vm`],
        [world.admin, 'data/profiles/scratch'],
      ] as const) {
        await ok(host, `create -s -V 16M ${volume}`);
        await ok(host, `snapshot ${volume}@before`);
      }
    }
    first.loggedIn = true;
  }
  return world;
}

/** Another world that is in the same state, with nothing under way, and goes its own way from now on. */
export function copyWorld(world: World): World {
  const { now, edits, guid, raw, tools } = world;
  const copy = worldOf({ now, edits, guid, raw, tools });
  copyState(world.server, copy.server);
  for (const [index, mac] of copy.macs.entries()) {
    const of = world.macs[index]!;
    copyState(of.machine, mac.machine);
    for (const [user, since] of of.pending) mac.pending.set(user, since);
    Object.assign(mac, { online: of.online, loggedIn: of.loggedIn, full: of.full });
  }
  return copy;
}

/** All that a machine's disk holds; what the trees share they share in the copy too. */
function copyState({ pools, datasets }: Machine, to: Machine): void {
  const copy = structuredClone({ pools, datasets });
  for (const [name, pool] of copy.pools) to.pools.set(name, pool);
  to.datasets.clear();
  for (const [name, dataset] of copy.datasets) to.datasets.set(name, dataset);
}

/** Machines with empty pools, and the ways between them. */
function worldOf(start: Pick<World, 'now' | 'edits' | 'guid' | 'raw' | 'tools'>): World {
  const world = { ...start, recordMeanwhile: null, conflicts: [] };
  const make = (): Machine =>
    createMachine({
      pools: ['data'],
      random: () => (world.guid += 7n),
      now: () => world.now,
    });
  const server = make();
  const macs = ['mac0', 'mac1', 'mac2'].map((name): Mac => {
    const machine = make();
    machine.keyFiles.set(`${keyDirectory}/alice.key`, 'the key of alice');
    const givenUp: string[] = [];
    const account = createSimulatedHost({ name: 'server', machine: server, user: 'zfs_mobile_sync' });
    return {
      ...{ name, machine, givenUp },
      host: watchRollbacks(createSimulatedHost({ name, machine }), machine, givenUp),
      root: createSimulatedHost({ name, machine }),
      thinner: createSimulatedHost({ name, machine, user: 'thinner' }),
      toServer: restricted(account, name),
      online: true,
      loggedIn: false,
      full: false,
      pending: new Map(),
    };
  });
  return Object.assign(world, {
    server,
    admin: createSimulatedHost({ name: 'server', machine: server }),
    macs,
  });
}

/** Nobody interrupts a run of the model. */
const never = new AbortController().signal;

const platform = platformOfOneUser({ uid: 2001, gid: 2100 });

/** What a login or a logout on the Mac works with, with a fault in it. */
export function sessionOn(world: World, mac: Mac, run: FaultyRun): Session {
  const config = defaultsFor('linux', mac.name);
  const observer = { command: () => undefined, warning: () => undefined };
  const serverHost = run.host(mac.toServer, true);
  const connect = async (): Promise<void> => {
    await Promise.resolve();
    run.connect(mac.online);
  };
  return {
    user: 'alice',
    config: {
      ...config,
      server: { ...config.server, address: 'server' },
      ...(world.raw
        ? {
            local: { ...config.local, homeKeyDirectory: keyDirectory },
            policies: { ...config.policies, sendFlags: 'raw' as const },
          }
        : {}),
    },
    ...{ replaced: new Set(), held: null },
    platform,
    machineId: null,
    local: createSyncZfs(run.host(mac.host, false), observer),
    localHome: parseDatasetName(home),
    serverHome: parseDatasetName(home),
    mountpoint: '/Users/alice',
    mountpoints: {
      isMountpoint: () => Promise.resolve(isMounted(mac)),
      // Nothing is hidden below a home.
      countEntries: (path) => Promise.resolve(path === '/Users/alice' ? 0 : entriesAt(mac.machine, path)),
      removeEmpty: () => Promise.resolve(),
      ownerOf: () => Promise.resolve(2001),
    },
    files: filesOf(mac.machine),
    folders: foldersOf(mac.machine, () => {
      run.throwIfKilled();
    }),
    hostAs: () => run.host(mac.host, false),
    server: {
      zfs: createSyncZfs(serverHost, observer),
      connect,
      close: () => Promise.resolve(),
    },
    log: silentLog,
    acquireLock: () => Promise.resolve(() => Promise.resolve()),
    askToEnd: () => undefined,
    spool: spoolIn(mac.pending),
    hasRoamedHere: () => Promise.resolve(false),
    now: () => new Date(world.now),
    // Time goes by only where somebody waits.
    sleep: (ms) => {
      world.now += ms;
      return Promise.resolve();
    },
    signal: never,
    onProgress: unwatched,
  };
}

export function isMounted(mac: Mac): boolean {
  const mounted = mac.machine.datasets.get(home)?.mounted ?? null;
  return mounted !== null && !mounted.readonly;
}

/** A spool in memory: of each user the time, and behind a tab what the home lacks besides being sent. */
export function spoolIn(pending: Map<string, string>): Spool {
  return {
    add: (user, since) => {
      if (!pending.has(user)) pending.set(user, since);
      return Promise.resolve();
    },
    addLacking: (user, since, lacks) => {
      pending.set(user, `${(pending.get(user) ?? since).split('\t')[0] ?? ''}\t${lacks}`);
      return Promise.resolve();
    },
    secured: (user) => {
      const [since] = (pending.get(user) ?? '').split('\t');
      if (pending.has(user)) pending.set(user, since ?? '');
      return Promise.resolve();
    },
    remove: (user) => {
      pending.delete(user);
      return Promise.resolve();
    },
    list: () =>
      Promise.resolve(
        [...pending].map(([user, note]) => {
          const [since = '', lacks] = note.split('\t');
          return { user, since, lacks: (lacks ?? null) as Lack | null };
        }),
      ),
  };
}

/** A run of the agent on a Mac, and what the others do meanwhile. */
function faultyRun(world: World, mac: Mac, fault: Fault): FaultyRun {
  return new FaultyRun(fault, async (what) => {
    switch (what) {
      case 'snapshot-here':
        return foreignSnapshot(world, mac);
      case 'snapshot-on-server':
        return foreignSnapshot(world, 'server');
      case 'thin-server':
        await thinOn(world, 'server', null);
        return;
      case 'tend':
        await tend(tendingOf(world));
        return;
      case 'login-elsewhere': {
        const other = world.macs[(world.macs.indexOf(mac) + 1) % world.macs.length];
        if (other !== undefined) await runAgent(world, other, 'login', null);
        world.recordMeanwhile =
          world.server.datasets.get(home)?.properties.get('roamhome:session')?.value ?? null;
        return;
      }
    }
  });
}

/** Another tool snapshots all of the home there, by a name of its own. */
export async function foreignSnapshot(world: World, where: Mac | 'server', blank = false): Promise<void> {
  const host = where === 'server' ? world.admin : where.root;
  const name = where === 'server' ? where : where.name;
  world.tools += 1;
  // Tools that name by the clock give the same name on several machines at times.
  const isBlank = blank;
  const alike = world.tools % 4 === 0 ? `${world.edits}` : `${world.tools}-${name}`;
  await host.run(['zfs', 'snapshot', '-r', `${home}@tool${isBlank ? ' ' : '-'}${alike}`]);
}

/** What ends a run that is no login or logout: that is said, and nothing was done. */
function isToldAtOnce(error: unknown): boolean {
  return /^no-(space|snapshot)$/.test((error as { code?: string }).code ?? '');
}

/** `roamhome push --pending` with a fault in it; null: it was killed, and told nothing, or that there is no room. */
export async function pushFrom(world: World, mac: Mac, fault: Fault): Promise<PushOutcome | null> {
  const run = faultyRun(world, mac, fault);
  try {
    const outcome = await pushPending(sessionOn(world, mac, run));
    if (outcome.conflict) world.conflicts.push(`push on ${mac.name}: ${outcome.warnings.join()}`);
    return run.killed ? null : outcome;
  } catch (error) {
    if (run.killed || isToldAtOnce(error)) return null;
    throw error;
  } finally {
    await run.othersToo();
  }
}

/** `roamhome checkpoint` with a fault in it; null: it was killed, and told nothing, or that there is no room. */
export async function checkpointOn(world: World, mac: Mac, fault: Fault): Promise<CheckpointOutcome | null> {
  const run = faultyRun(world, mac, fault);
  try {
    const outcome = await checkpoint(sessionOn(world, mac, run));
    if (outcome.conflict) world.conflicts.push(`checkpoint on ${mac.name}: ${outcome.warnings.join()}`);
    return run.killed ? null : outcome;
  } catch (error) {
    if (run.killed || isToldAtOnce(error)) return null;
    throw error;
  } finally {
    await run.othersToo();
  }
}

/** A login or a logout with a fault in it; null: it was killed, and told nothing. */
export async function runAgent(
  world: World,
  mac: Mac,
  what: 'login' | 'logout',
  fault: Fault,
): Promise<SessionReport | null> {
  const run = faultyRun(world, mac, fault);
  try {
    const report = await (what === 'login' ? login : logout)(sessionOn(world, mac, run));
    if (isConflict(report)) world.conflicts.push(`${what} on ${mac.name}: ${report.warnings.join()}`);
    return run.killed ? null : report;
  } catch (error) {
    // What it died of was never thrown at anybody.
    if (run.killed) return null;
    throw error;
  } finally {
    await run.othersToo();
    mac.loggedIn = what === 'login' && isMounted(mac);
  }
}

/** What `tar` makes of the files of a snapshot: all that the model knows of them, but for the number of the object. */
function digestOf(machine: Machine, snapshot: string): string {
  const entries = [...treeOf(machine, snapshot)].sort(([a], [b]) => (a < b ? -1 : 1));
  const hash = createHash('sha256');
  for (const [path, { object: _object, ...entry }] of entries) hash.update(JSON.stringify([path, entry]));
  return hash.digest('hex');
}

/** The server's own job, with a memory of its own. */
export function tendingOf(world: World): TendOptions {
  let remembered: TendMemory = {};
  let contents: Contents = {};
  return {
    zfs: createSyncZfs(world.admin, { command: () => undefined, warning: () => undefined }),
    homesRoot: parseDatasetName('data/profiles'),
    conflictsRoot: parseDatasetName('data/profiles-conflicts'),
    idleMs: 3_600_000,
    longestMs: 30 * 86_400_000,
    now: () => world.now,
    memory: {
      read: () => Promise.resolve(remembered),
      write: (memory) => {
        remembered = memory;
        return Promise.resolve();
      },
    },
    contents: {
      read: () => Promise.resolve(contents),
      write: (read) => {
        contents = read;
        return Promise.resolve();
      },
      digestOf: (snapshot) => Promise.resolve(digestOf(world.server, snapshot)),
    },
    programs: noRunningPrograms,
    log: silentLog,
    signal: never,
  };
}

/** Thinning of a Mac or of the server that leaves as little as it may; by another schedule if told so. */
export function thinningOf(world: World, where: Mac | 'server', run: FaultyRun, schedule = '1'): ThinningJob {
  const observer = { command: () => undefined, warning: () => undefined };
  const root = parseDatasetName('data/profiles');
  const at = where === 'server' ? null : where;
  return {
    zfs: createSyncZfs(run.host(at?.thinner ?? world.admin, false), observer),
    root,
    server: at === null ? null : { zfs: createSyncZfs(run.host(at.toServer, true), observer), root },
    schedule: parseSchedule(schedule),
    maximumAges: [],
    match: /^/,
    bookmarkDays: 400,
    force: true,
    now: () => world.now,
    lastRun: { read: () => Promise.resolve(null), write: () => Promise.resolve() },
    arrivals: { read: () => Promise.resolve([]), write: () => Promise.resolve() },
    lock: at === null ? null : () => Promise.resolve(() => Promise.resolve()),
    log: silentLog,
    signal: new AbortController().signal,
  };
}

/** `roamhome thin` with a fault in it; null: it was killed, or a Mac did not reach the server. */
export async function thinOn(world: World, where: Mac | 'server', fault: Fault): Promise<ThinReport | null> {
  const run = new FaultyRun(fault);
  const job = thinningOf(world, where, run);
  if (where !== 'server' && !where.online) return null;
  try {
    return await thinHomes(job, await listHomes(job));
  } catch (error) {
    if (run.killed || isRoamhomeError(error, 'connection-lost')) return null;
    throw error;
  }
}

/** What a program cannot write for want of space it has not written. */
function unlessFull(write: () => void): void {
  try {
    write();
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOSPC') throw error;
  }
}

/** What the user does: a new file that stays, and one that is written over and over. */
export function edit(world: World, mac: Mac): void {
  if (!isMounted(mac)) return;
  world.edits += 1;
  for (const { name, mounted } of datasetsAtOrBelow(mac.machine, home)) {
    if (mounted === null || mounted.readonly) continue;
    unlessFull(() => {
      const files = mountedFiles(mac.machine, name);
      files.write(`kept-${world.edits}`, `${world.edits} on ${mac.name} in ${name}`.padEnd(1500));
      files.write('rewritten', `version ${world.edits}`);
    });
  }
}

/** What macOS does while the user only looks: a file that is written over and over, and one that stays. */
export function browse(world: World, mac: Mac): void {
  if (!isMounted(mac)) return;
  world.edits += 1;
  unlessFull(() => {
    const files = mountedFiles(mac.machine, home);
    files.write('.DS_Store', `view ${world.edits}`);
    files.write(`.fseventsd/${world.edits}`, `log ${world.edits} on ${mac.name}`);
  });
}

/** The Mac loses its power. */
export function losePower(mac: Mac): void {
  powerCut(mac.machine);
  mac.loggedIn = false;
}
