import type { FileFacts, FileStatus } from '../../../src/homes/mount/file-facts.ts';
import type { Machine } from '../../../src/simulator/machine.ts';
import { nativeValue } from '../../../src/simulator/mounting.ts';
import type { Entry, Tree } from '../../../src/simulator/tree.ts';

const types: Readonly<Record<Entry['kind'], FileStatus['type']>> = {
  file: 'file',
  dir: 'directory',
  symlink: 'other',
};

/** The file system of a machine of the model, with its snapshots below `.zfs`. What has no owner is root's. */
export function filesOf(machine: Machine): FileFacts {
  const lookUp = (path: string): { tree: Tree; device: string; path: string } | null => {
    const found = [...machine.datasets.values()]
      .filter(({ mounted }) => mounted !== null)
      .map((dataset) => ({ dataset, mountpoint: nativeValue(machine, dataset, 'mountpoint') }))
      .filter(({ mountpoint }) => `${path}/`.startsWith(`${mountpoint}/`))
      .sort((a, b) => b.mountpoint.length - a.mountpoint.length)[0];
    if (found === undefined) return null;
    const { name, live, snapshots } = found.dataset;
    const below = path.slice(found.mountpoint.length + 1).replace(/(^|\/)\.$/, '');
    const inSnapshot = /^\.zfs\/snapshot\/([^/]+)\/?(.*)$/.exec(below);
    if (inSnapshot === null) return { tree: live, device: name, path: below };
    const [, short = '', rest = ''] = inSnapshot;
    const tree = snapshots.find((snapshot) => snapshot.short === short)?.tree;
    return tree === undefined ? null : { tree, device: `${name}@${short}`, path: rest };
  };
  const devices: string[] = [];
  const deviceOf = (name: string): number => {
    if (!devices.includes(name)) devices.push(name);
    return devices.indexOf(name);
  };
  return {
    statusOf: (path) => {
      const found = lookUp(path);
      const entry = found?.tree.get(found.path);
      if (found === null || entry === undefined) return Promise.resolve(null);
      const { uid, gid } = entry.meta ?? { uid: 0, gid: 0 };
      const type = types[entry.kind];
      return Promise.resolve({ type, mode: entry.mode, uid, gid, links: 1, device: deviceOf(found.device) });
    },
    attributesOf: () => Promise.resolve(''),
  };
}
