import { PassThrough, Readable } from 'node:stream';
import type { Argv, CommandResult, Host, RunningCommand } from '../../../src/host/host.ts';
import { createLocalHost } from '../../../src/host/local.ts';
import { createLinuxPlatform } from '../../../src/platform/linux/linux-platform.ts';
import { applyForReal, runTasks, type Apply, type Report } from '../../../src/provision/run-tasks.ts';
import type { Task } from '../../../src/provision/task.ts';
import type { HomesPlace } from '../../../src/provision/user/place.ts';
import { parseDatasetName } from '../../../src/zfs/names.ts';
import { createSyncZfs } from '../../../src/zfs/sync-zfs.ts';
import { result } from '../../support/fake-host.ts';
import { createBench } from '../../support/simulator/machine.ts';

/** A server of the simulator, as its admin has it; its users are those of this machine. */
export interface HomesServer {
  readonly place: HomesPlace;
  /** Runs `zfs WORDS`, separated by blanks; fails the test unless it ends with 0. */
  readonly zfs: (words: string) => Promise<string>;
  /** All datasets and snapshots, without what differs from run to run, and what the directories of mounts are left. */
  state(): Promise<string>;
  /** What a home was given: `chown` and `chmod`, while it was mounted. */
  givenTo(user: string): Promise<readonly string[]>;
}

/** Makes one with the two parents of homes. */
export async function createHomesServer(): Promise<HomesServer> {
  const { host, ok } = createBench();
  const system = createLocalHost({ name: 'the server', path: ['/usr/bin', '/bin'] });
  const given = new Map<string, string[]>();
  const mountpoints = new Set<string>();

  const mountedAt = async (path: string): Promise<string> => {
    const listed = await ok('list -H -t filesystem -o guid,mounted,mountpoint');
    const found = listed.split('\n').find((line) => line.endsWith(`\tyes\t${path}`));
    if (found === undefined) throw new Error(`nothing is mounted at ${path}`);
    return found.split('\t')[0] ?? '';
  };
  const run = async (argv: Argv): Promise<CommandResult> => {
    const [program, ...words] = argv;
    const path = words.at(-1) ?? '';
    switch (program) {
      case 'zfs':
        return host.run(argv);
      case 'chown':
      case 'chmod': {
        const guid = await mountedAt(path);
        given.set(guid, [...(given.get(guid) ?? []), `${program} ${words[0] ?? ''}`]);
        mountpoints.add(path);
        return result({});
      }
      case 'sh':
        // The one script: it removes an empty directory.
        if ((await mountedAt(path).catch(() => null)) !== null) return result({ exitCode: 1 });
        mountpoints.delete(path);
        return result({});
      case 'zpool':
        return result({ stdout: '-\n' });
      default:
        return system.run(argv);
    }
  };
  const server: Host = {
    ...{ name: 'the server', run },
    stream: async (argv, options) =>
      argv[0] === 'zfs' ? host.stream(argv, options) : asStream(await run(argv)),
    close: () => Promise.resolve(),
  };
  for (const root of ['data/profiles', 'data/profiles-conflicts'])
    await ok(`create -o canmount=off -o mountpoint=none ${root}`);
  return {
    place: {
      machine: {
        ...{ name: 'the server', kind: 'linux', isRemote: false, host: server },
        zfs: createSyncZfs(server, { command: () => undefined, warning: () => undefined }),
        platform: createLinuxPlatform(server),
      },
      root: parseDatasetName('data/profiles'),
      conflictsRoot: parseDatasetName('data/profiles-conflicts'),
      now: () => new Date('2026-11-26T12:00:00Z'),
    },
    zfs: ok,
    state: async () => {
      const columns = 'name,canmount,mountpoint,quota,mounted,roamhome:conflict';
      const listed = await ok(`list -H -t filesystem,snapshot -o ${columns} -r data`);
      // The stamp of a home that is set aside is the time of its first snapshot.
      const lines = listed
        .replaceAll(/\d{8}T\d{6}Z/g, 'STAMP')
        .split('\n')
        .sort();
      return [...lines, ...[...mountpoints].map((path) => `left: ${path}`)].join('\n');
    },
    givenTo: async (user) =>
      given.get((await ok(`list -H -o guid data/profiles/${user}`)).trim())?.slice(-2) ?? [],
  };
}

/** A command that has ended already, and reads nothing. */
function asStream(ended: CommandResult): RunningCommand {
  const stdin = new PassThrough();
  stdin.resume();
  return {
    ...{ stdin, stdout: Readable.from([ended.stdout]), done: Promise.resolve({ ...ended, stdout: '' }) },
    onStderrLine: () => undefined,
    kill: () => undefined,
  };
}

/** Runs tasks to their end; throws what stops them. */
export async function perform(tasks: readonly Task[], apply: Apply = applyForReal): Promise<Report> {
  const { report, failure } = await runTasks(tasks, { apply, signal: new AbortController().signal });
  if (failure !== null) throw failure;
  return report;
}

class Killed extends Error {}

/**
 * Runs tasks that are killed at the change of that number, from 1: `before` it, or `after` it was made and before anybody
 * heard of that. False: there are fewer, and all were made.
 */
export async function killAt(
  tasks: readonly Task[],
  number: number,
  when: 'before' | 'after',
): Promise<boolean> {
  let seen = 0;
  const apply: Apply = async (task, change, signal) => {
    seen += 1;
    if (seen === number && when === 'before') throw new Killed();
    await applyForReal(task, change, signal);
    if (seen === number) throw new Killed();
  };
  try {
    await perform(tasks, apply);
    return false;
  } catch (error) {
    if (error instanceof Killed) return true;
    throw error;
  }
}
