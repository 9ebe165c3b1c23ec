import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Argv, Host } from '../../src/host/host.ts';
import { createLocalHost } from '../../src/host/local.ts';
import { createStore, openStore, type Store } from '../../src/simulator/store.ts';

/** A machine whose `zfs` is the simulator's, its mounted datasets are folders of this machine. */
export interface SimulatedMachine {
  readonly name: string;
  readonly host: Host;
  readonly store: Store;
  /** The real folder behind a path of the machine. */
  folder(path: string): string;
  /** Runs a command; throws with what it said unless it ends with 0. */
  zfs(...words: readonly string[]): Promise<string>;
}

/** Makes a machine with a pool `data` in a directory. `program`: the simulator's zfs, bundled. */
export function createSimulatedMachine(name: string, directory: string, program: string): SimulatedMachine {
  const [state, root, bin] = ['state', 'root', 'bin'].map((part) => join(directory, part)) as [
    string,
    string,
    string,
  ];
  for (const each of [state, root, bin]) mkdirSync(each, { recursive: true });
  createStore(state, { pools: ['data'], base: root, superuser: userInfo().username });
  // A program without a suffix is a module when the package around it says so.
  writeFileSync(join(bin, 'package.json'), '{ "type": "module" }\n');
  copyFileSync(program, join(bin, 'zfs'));
  writeFileSync(join(bin, 'zfs'), `#!${process.execPath}\n${readFileSync(program, 'utf8')}`);
  chmodSync(join(bin, 'zfs'), 0o755);
  const host = createLocalHost({ name, path: [bin, '/usr/bin', '/bin'], env: { ROAMHOME_SIMULATOR: state } });
  return {
    name,
    host,
    store: openStore(state),
    folder: (path) => join(root, path),
    zfs: async (...words) => {
      const argv: Argv = ['zfs', ...words];
      const { exitCode, stdout, stderr } = await host.run(argv);
      if (exitCode !== 0) throw new Error(`${name}: ${argv.join(' ')}: exit ${exitCode ?? '?'}\n${stderr}`);
      return stdout;
    },
  };
}
