import { mkdirSync, mkdtempSync, rmdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemKind } from '../config/system-kind.ts';
import { defaultsFor } from '../config/defaults.ts';
import { isRoamhomeError, RoamhomeError } from '../errors/errors.ts';
import type { Host } from '../host/host.ts';
import { createLocalHost } from '../host/local.ts';
import { systemMountpoints } from '../homes/mount/mountpoints.ts';
import type { Cleanup } from './cleanup.ts';
import { stageOnOneMachine, type Part } from './one-machine.ts';
import type { Stage } from './stage.ts';

const names = ['mac-a', 'mac-b', 'server'] as const;
const poolOf = (name: string): string => `roamhome-demo-${name}`;
const poolBytes = 512 * 1024 * 1024;
const uid = 2001;

/** A pool on a file for each machine, on this machine's own OpenZFS. Throws what `checkRealZfs` throws. */
export async function zfsStage(cleanup: Cleanup, signal: AbortSignal): Promise<Stage> {
  const { zfsPath } = defaultsFor(systemKind(process.platform), 'demo');
  const host = createLocalHost({ name: 'this machine', path: zfsPath });
  cleanup.add('what runs here', () => host.close());
  await checkRealZfs(host, process.geteuid?.());
  const directory = mkdtempSync(join(tmpdir(), 'roamhome-demo-'));
  // With nothing in it: what a pool that could not be destroyed needs is kept, and said.
  cleanup.add(directory, () => {
    rmdirSync(directory);
  });
  const make = (name: string): Promise<Part> =>
    makePart({ name, directory: join(directory, name), zfsPath, host }, cleanup);
  return {
    ...(await stageOnOneMachine(make, cleanup, signal)),
    setting:
      'The files, the SSH between them and OpenZFS are real: three pools on files below a temporary folder.',
    farewell: [
      './scripts/demo --lab   the same in three virtual machines',
      'README.md              how to set it up, and every command',
    ],
  };
}

/**
 * Throws, with what is missing, `not-root`, `zfs-not-installed`, or `command-failed` when zpool does not work or pools
 * of an earlier demo are there. `euid`: of this process.
 */
export async function checkRealZfs(host: Host, euid: number | undefined): Promise<void> {
  if (euid !== 0) throw missing('not-root', '--zfs makes pools, which only root may do', 'Run it as root.');
  const list = await host.run(['zpool', 'list', '-H', '-o', 'name']).catch((cause: unknown) => {
    if (!isRoamhomeError(cause, 'zfs-not-installed')) throw cause;
    throw missing(
      'zfs-not-installed',
      '--zfs needs OpenZFS on this machine, and there is no zpool',
      'Install it.',
    );
  });
  if (list.exitCode !== 0) {
    const [said = ''] = (list.stderr || list.stdout).split('\n');
    throw missing(
      'command-failed',
      `--zfs needs a working OpenZFS on this machine, and zpool says: ${said}`,
      'Load its module (modprobe zfs).',
    );
  }
  const left = list.stdout.split('\n').filter((pool) => names.some((name) => pool === poolOf(name)));
  if (left.length > 0) {
    throw missing(
      'command-failed',
      `--zfs makes pools that are there already: ${left.join(', ')}`,
      'If an earlier demo left them: zpool destroy POOL.',
    );
  }
}

function missing(code: RoamhomeError['code'], message: string, remedy: string): RoamhomeError {
  return new RoamhomeError({ code, message, remedy: `${remedy} Without --zfs the demo runs anywhere.` });
}

interface Place {
  readonly name: string;
  readonly directory: string;
  readonly zfsPath: readonly string[];
  readonly host: Host;
}

async function makePart({ name, directory, zfsPath, host }: Place, cleanup: Cleanup): Promise<Part> {
  const [pool, file, base] = [poolOf(name), join(directory, 'pool'), join(directory, 'root')];
  // First: a create that is ended on its way may have made it all the same.
  cleanup.add(`the pool ${pool}`, async () => {
    await destroyPool(host, pool, file);
    rmSync(directory, { recursive: true, force: true });
  });
  mkdirSync(base, { recursive: true });
  writeFileSync(file, '');
  truncateSync(file, poolBytes);
  // Not in the cache file: after a crash nothing looks for it at the next start.
  const options = ['-o', 'cachefile=none', '-O', 'canmount=off', '-O', 'mountpoint=none'];
  const { exitCode, stderr } = await host.run(['zpool', 'create', ...options, pool, file]);
  if (exitCode !== 0) throw new Error(`cannot create the pool ${pool}: ${stderr}`);
  const inBase = (path: string): string => `${base}${path}`;
  return {
    ...{ name, pool, directory, zfsPath, folder: inBase, mountpoint: inBase, uid },
    // Accounts are not the demo's to make.
    delegatedZfsPath: null,
    mountpoints: systemMountpoints,
    homeOwner: `${uid}:${uid}`,
  };
}

/** Destroys the pool if it is the one on this file: another demo may have been quicker to make one of that name. */
async function destroyPool(host: Host, pool: string, file: string): Promise<void> {
  const found = await host.run(['zpool', 'list', '-H', '-v', '-P', pool]);
  if (found.exitCode !== 0) {
    if (found.stderr.includes('no such pool')) return;
    throw new Error(found.stderr.trim());
  }
  if (!found.stdout.includes(file)) return;
  const { exitCode, stderr } = await host.run(['zpool', 'destroy', '-f', pool]);
  if (exitCode !== 0) throw new Error(`${stderr.trim()} (zpool destroy ${pool})`);
}
