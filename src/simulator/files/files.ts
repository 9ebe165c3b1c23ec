import { noteWrite, settle, useLog } from '../mounting.ts';
import { leavePartial } from '../stream/receive-end.ts';
import { addDataset, openDataset, openSnapshot, type Machine } from '../machine.ts';
import type { Dataset } from '../model.ts';
import { availableBytes, usedBytes, whyFull } from '../space.ts';
import {
  bytesOf,
  contentOf,
  withEntry,
  withoutPath,
  withRenamed,
  writtenBetween,
  type NewEntry,
  type Tree,
} from '../tree.ts';

/** The files of a mounted dataset, as a program sees them. Paths are relative to the mountpoint. */
export interface MountedFiles {
  /** Makes or replaces a file, and the directories above it. */
  write(path: string, data: string | Uint8Array, mode?: number): void;
  makeDirectory(path: string, mode?: number): void;
  symlink(path: string, target: string): void;
  setMode(path: string, mode: number): void;
  /** Removes a path and what is below it. */
  remove(path: string): void;
  rename(from: string, to: string): void;
  /** A file's content as text; null: there is no such file. */
  read(path: string): string | null;
  /** Puts what was written where a crash leaves it: `fsync`. */
  sync(): void;
}

function systemError(code: 'EROFS' | 'EDQUOT' | 'ENOSPC' | 'ENOENT' | 'ENOTCONN', about: string): Error {
  return Object.assign(new Error(`${code}: ${about}`), { code });
}

function store(machine: Machine, dataset: Dataset, tree: Tree): void {
  const bytes = writtenBetween(dataset.live, tree);
  const why = whyFull(machine, dataset.name, bytes);
  if (why !== null) throw systemError(why === 'quota' ? 'EDQUOT' : 'ENOSPC', dataset.name);
  dataset.live = tree;
  dataset.written += bytes;
  noteWrite(dataset);
}

/** The files of a dataset, to be changed while it is mounted. A full or read-only one throws as a system call would. */
export function mountedFiles(machine: Machine, name: string): MountedFiles {
  const mounted = (writing: boolean): Dataset => {
    const dataset = openDataset(machine, name);
    if (dataset.mounted === null) throw systemError('ENOTCONN', `${name} is not mounted`);
    if (writing && dataset.mounted.readonly) throw systemError('EROFS', name);
    return dataset;
  };
  const put = (path: string, entry: NewEntry): void => {
    const dataset = mounted(true);
    const before = dataset.live.get(path);
    store(machine, dataset, withEntry(dataset.live, path, entry));
    // Rewritten with what it held already: blocks are written all the same.
    if (
      before?.kind === 'file' &&
      entry.kind === 'file' &&
      before.content === entry.content &&
      before.mode === entry.mode
    ) {
      dataset.written += bytesOf(before);
    }
  };
  return {
    write: (path, data, mode) => {
      const old = mounted(true).live.get(path);
      put(path, { kind: 'file', content: contentOf(data), mode: mode ?? old?.mode ?? 0o644 });
    },
    makeDirectory: (path, mode = 0o755) => {
      put(path, { kind: 'dir', mode });
    },
    symlink: (path, target) => {
      put(path, { kind: 'symlink', target, mode: 0o777 });
    },
    setMode: (path, mode) => {
      const entry = mounted(true).live.get(path);
      if (entry === undefined) throw systemError('ENOENT', path);
      put(path, { ...entry, mode });
    },
    remove: (path) => {
      const dataset = mounted(true);
      store(machine, dataset, withoutPath(dataset.live, path));
    },
    rename: (from, to) => {
      const dataset = mounted(true);
      if (!dataset.live.has(from)) throw systemError('ENOENT', from);
      store(machine, dataset, withRenamed(dataset.live, from, to));
    },
    read: (path) => readFrom(mounted(false).live, path),
    sync: () => {
      useLog(mounted(false));
    },
  };
}

/** A file of a tree as text; null: there is no such file. */
export function readFrom(tree: Tree, path: string): string | null {
  const entry = tree.get(path);
  return entry?.kind === 'file' ? Buffer.from(entry.content, 'latin1').toString('utf8') : null;
}

/** The files of a snapshot (`dataset@snapshot`), or of a dataset as it is now, mounted or not. */
export function treeOf(machine: Machine, name: string): Tree {
  return name.includes('@') ? openSnapshot(machine, name).tree : openDataset(machine, name).live;
}

/**
 * A program has, or no longer has, a file of the dataset open: that keeps it from being unmounted. `tries`: for so many tries,
 * then the program is done. Without `evenByForce` a try by force unmounts it all the same, as on macOS; on Linux none does.
 */
export function setInUse(
  machine: Machine,
  name: string,
  inUse: boolean,
  { tries = Infinity, evenByForce = false }: { readonly tries?: number; readonly evenByForce?: boolean } = {},
): void {
  if (inUse) machine.inUse.set(openDataset(machine, name).name, { tries, evenByForce });
  else machine.inUse.delete(name);
}

const filler = (pool: string): string => `${pool}/fill`;

/** Another dataset takes all of the pool but 4 KiB: nothing can be made there any more, no snapshot either. */
export function fillPool(machine: Machine, pool: string): void {
  const dataset = addDataset(machine, filler(pool));
  dataset.properties.set('mountpoint', { value: 'none', source: 'local' });
  const left = availableBytes(machine, pool) - 4096;
  dataset.properties.set('reservation', {
    value: String(usedBytes(machine, dataset) + Math.max(0, left)),
    source: 'local',
  });
}

/** The pool has its space again. */
export function drainPool(machine: Machine, pool: string): void {
  machine.datasets.delete(filler(pool));
}

/** All transaction groups are written, as after `zpool sync`: what mounts have written shows. */
export function syncPools(machine: Machine): void {
  for (const dataset of machine.datasets.values()) settle(dataset);
}

/**
 * The machine loses its power: commands under way end at once, nothing is mounted any more, receives become partial.
 * Files keep what was written to them, and no key is loaded.
 */
export function powerCut(machine: Machine): void {
  for (const end of [...machine.running]) end();
  for (const dataset of [...machine.datasets.values()]) {
    dataset.mounted = null;
    settle(dataset);
    if (dataset.key !== null) dataset.key.loaded = false;
    leavePartial(machine, dataset);
  }
  machine.inUse.clear();
}
