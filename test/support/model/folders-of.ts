import type { FolderFiles } from '../../../src/homes/mount/folder-files.ts';
import { mountedFiles } from '../../../src/simulator/files/files.ts';
import type { Machine } from '../../../src/simulator/machine.ts';
import { nativeValue } from '../../../src/simulator/mounting.ts';

/** The mounted dataset in which a path of the machine lies, and where there. */
function holderOf(machine: Machine, path: string): { readonly name: string; readonly path: string } {
  const [found] = [...machine.datasets.values()]
    .filter(({ mounted }) => mounted !== null)
    .map((dataset) => ({ name: dataset.name, mountpoint: nativeValue(machine, dataset, 'mountpoint') }))
    .filter(({ mountpoint }) => `${path}/`.startsWith(`${mountpoint}/`))
    .sort((a, b) => b.mountpoint.length - a.mountpoint.length);
  if (found === undefined) throw new Error(`nothing is mounted at ${path}`);
  return { name: found.name, path: path.slice(found.mountpoint.length + 1) };
}

/** How many entries a directory of the machine has. */
export function entriesAt(machine: Machine, place: string): number {
  const { name, path } = holderOf(machine, place);
  const below = path === '' ? '' : `${path}/`;
  const live = machine.datasets.get(name)?.live ?? new Map<string, never>();
  return [...live.keys()].filter(
    (each) => each !== '' && each.startsWith(below) && !each.slice(below.length).includes('/'),
  ).length;
}

/** Directories of a machine of the model. What is copied is empty there. `alive`: throws once the agent is gone. */
export function foldersOf(machine: Machine, alive: () => void): FolderFiles {
  let places = 0;
  return {
    makeDirectory: async (path) => {
      await Promise.resolve();
      alive();
      const holder = holderOf(machine, path);
      mountedFiles(machine, holder.name).makeDirectory(holder.path, 0o700);
    },
    copyTree: async () => {
      await Promise.resolve();
      alive();
    },
    withPlace: ({ top, path }, task) =>
      task({ at: `${top}/${path}`, uid: 2001, entries: entriesAt(machine, `${top}/${path}`) }),
    plainPathTo: (path) => Promise.resolve(path),
    makePrivatePlace: () => Promise.resolve(`/run/private/${(places += 1)}`),
    removePrivatePlaces: () => Promise.resolve(),
  };
}
