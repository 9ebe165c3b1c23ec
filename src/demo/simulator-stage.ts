import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { runSessionWithoutRoot } from '../cli/session/session-without-root.ts';
import { systemMountpoints } from '../homes/mount/mountpoints.ts';
import { createStore, type Store } from '../simulator/store.ts';
import type { Cleanup } from './cleanup.ts';
import { stageOnOneMachine, type Part } from './one-machine.ts';
import type { Stage } from './stage.ts';

const uid = 2001;

/**
 * Machines whose `zfs` is the simulator's; what they mount are folders. `program`: the simulator's zfs, bundled. `run`: as
 * `stageOnOneMachine` takes it.
 */
export async function simulatorStage(
  program: string,
  cleanup: Cleanup,
  signal: AbortSignal,
  run?: typeof runSessionWithoutRoot,
): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), 'roamhome-demo-'));
  cleanup.add(directory, () => {
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    ...(await stageOnOneMachine(
      (name) => makePart(name, join(directory, name), program),
      cleanup,
      signal,
      run,
    )),
    setting:
      'The files and the SSH between them are real, ZFS is a simulator: everything is below a temporary folder.',
    farewell: [
      './scripts/demo --lab   the same on real OpenZFS, in three virtual machines',
      'README.md              how to set it up, and every command',
      'docs/simulator.md      what this ran on',
    ],
  };
}

function makePart(name: string, directory: string, program: string): Part {
  const [state, root] = [join(directory, 'simulator'), join(directory, 'root')];
  for (const each of [state, root]) mkdirSync(each, { recursive: true });
  const store = createStore(state, { pools: ['data'], base: root, superuser: userInfo().username });
  const zfs = { ROAMHOME_SIMULATOR: state };
  const folder = (path: string): string => join(root, path);
  return {
    name,
    pool: 'data',
    directory,
    zfsPath: [installZfs(join(directory, 'bin'), program, zfs)],
    delegatedZfsPath: [
      installZfs(join(directory, 'delegated'), program, {
        ...zfs,
        ROAMHOME_SIMULATOR_USER: 'zfs_mobile_sync',
      }),
    ],
    folder,
    mountpoint: (path) => path,
    mountpoints: {
      isMountpoint: () => Promise.resolve(isHomeMounted(store)),
      countEntries: (path) => systemMountpoints.countEntries(folder(path)),
      removeEmpty: (path) => systemMountpoints.removeEmpty(folder(path)),
      // Every folder is that of whoever runs the demo.
      ownerOf: () => Promise.resolve(uid),
    },
    homeOwner: null,
    uid,
  };
}

/** Writes a `zfs` that is the simulator's under these variables. Returns its directory. */
function installZfs(bin: string, program: string, env: Readonly<Record<string, string>>): string {
  mkdirSync(bin);
  // A program without a suffix is a module when the package around it says so.
  writeFileSync(join(bin, 'package.json'), '{ "type": "module" }\n');
  const source = [
    `#!${process.execPath}`,
    `Object.assign(process.env, ${JSON.stringify(env)});`,
    readFileSync(program, 'utf8'),
  ];
  writeFileSync(join(bin, 'zfs'), source.join('\n'), { mode: 0o755 });
  return bin;
}

function isHomeMounted(store: Store): boolean {
  return store.transact((machine) => (machine.datasets.get('data/profiles/alice')?.mounted ?? null) !== null);
}
