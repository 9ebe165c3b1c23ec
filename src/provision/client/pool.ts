import { RoamhomeError } from '../../errors/errors.ts';
import type { Argv } from '../../host/host.ts';
import { unexpectedResult } from '../../platform/command-error.ts';
import type { Machine } from '../machine.ts';
import { alreadySo, toDo, type Task } from '../task.ts';
import { demandFree, describeDisk, lsblkColumns, parseLsblk, type DiskFacts } from './disk.ts';
import { clientParentProperties } from './wanted-client.ts';

/** A pool that is to be made. */
export interface WantedPool {
  readonly pool: string;
  /** `/dev/…`. */
  readonly disk: string;
  /** What is on the disk may go. */
  readonly force: boolean;
  /** Shows the lines to a person, who agrees or throws. */
  readonly confirm: (lines: readonly string[]) => Promise<void>;
}

/** A pool on a disk or partition that a person has seen. One that is there, on that disk, will do. */
export function poolTask(machine: Machine, wanted: WantedPool): Task {
  const { pool, disk, force, confirm } = wanted;
  return {
    title: `the pool ${pool}`,
    machine,
    look: async (signal) => {
      const disks = await disksOf(machine, pool, signal);
      if (disks !== null) {
        if (await isOneOf(machine, disk, disks, signal)) return alreadySo;
        throw new RoamhomeError({
          code: 'in-the-way',
          message: `${machine.name} has a pool ${pool} already, on ${disks.join(', ')} and not on ${disk}`,
          remedy: `If it is the one that is meant, give --pool ${pool} instead of --create-pool and --disk.`,
        });
      }
      const facts = await lookAtDisk(machine, disk, signal);
      demandFree(facts, { force });
      await confirm([
        `The pool ${pool} is to be made on ${machine.name} on this disk. All that is on it is lost.`,
        ...describeDisk(facts),
      ]);
      return toDo({
        kind: 'run',
        does: `make the pool ${pool} on ${disk}`,
        argv: createArgv(machine, wanted),
      });
    },
  };
}

/** Nothing is mounted by the pool itself: its homes have mountpoints of their own. */
function createArgv(machine: Machine, { pool, disk, force }: WantedPool): Argv {
  const properties = Object.entries(clientParentProperties(machine.kind)).flatMap(([name, value]) => [
    '-O',
    `${name}=${value}`,
  ]);
  return ['zpool', 'create', ...(force ? ['-f'] : []), '-o', 'ashift=12', ...properties, pool, disk];
}

/** The devices of a pool as absolute paths; null: there is none of that name. */
async function disksOf(
  machine: Machine,
  pool: string,
  signal: AbortSignal,
): Promise<readonly string[] | null> {
  const argv: Argv = ['zpool', 'list', '-v', '-H', '-P', '-L', pool];
  const result = await machine.host.run(argv, { signal });
  if (result.exitCode !== 0) {
    if (result.stderr.includes('no such pool')) return null;
    throw unexpectedResult(argv, result, 'Run it there by hand; see that OpenZFS is installed and loaded.');
  }
  return result.stdout.split('\n').flatMap((line) => /^\t(\/\S+)/.exec(line)?.[1] ?? []);
}

/** ZFS makes a partition on a whole disk: `/dev/sdb` becomes `/dev/sdb1`. Names below /dev/disk are links. */
async function isOneOf(
  machine: Machine,
  disk: string,
  disks: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  const argv: Argv = ['readlink', '-f', disk];
  const { stdout } = await machine.host.run(argv, { signal });
  const real = stdout.trim() === '' ? disk : stdout.trim();
  return disks.some(
    (one) => one === real || (one.startsWith(real) && /^(?:p|s)?\d+$/.test(one.slice(real.length))),
  );
}

async function lookAtDisk(machine: Machine, disk: string, signal: AbortSignal): Promise<DiskFacts> {
  if (machine.kind !== 'linux')
    throw new RoamhomeError({
      code: 'usage',
      message: 'a pool is made only on Linux: on a Mac no way to look at a disk was tried',
      remedy:
        'Look at the disk with diskutil list, make the pool with zpool create, and name it with --pool.',
    });
  const argv: Argv = ['lsblk', '--json', '--bytes', '-o', lsblkColumns, disk];
  const listed = await machine.host.run(argv, { signal });
  if (listed.exitCode !== 0)
    throw new RoamhomeError({
      code: 'in-the-way',
      message: `${disk} on ${machine.name} is no disk or partition: ${listed.stderr.trim()}`,
      remedy: 'lsblk lists what is there.',
    });
  const probe: Argv = ['blkid', '-p', '-o', 'export', disk];
  const probed = await machine.host.run(probe, { signal });
  // blkid(8): 2 for nothing found, 8 for more than one thing found.
  if (probed.exitCode !== 0 && probed.exitCode !== 2 && probed.exitCode !== 8)
    throw unexpectedResult(probe, probed);
  return parseLsblk(listed.stdout, probed.exitCode === 8 ? 'TYPE=several file systems' : probed.stdout);
}
