import { existsSync, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import type { Machine } from '../machine.ts';
import { nativeValue, noteWrite } from '../mounting.ts';
import type { Dataset } from '../model.ts';
import { clearFolder, readFolder, writeFolder, type Nested } from './real-files.ts';
import { writtenBetween, type Tree } from '../tree.ts';

/** Real folders in place of mounts: what is mounted at /x is the folder BASE/x, or /x itself where that is below BASE. */
export class MountedFolders {
  readonly #base: string;
  #before = new Map<string, Tree>();

  constructor(base: string) {
    this.#base = base.replace(/\/$/, '');
  }

  /** Where a mountpoint really is. */
  folderOf(mountpoint: string): string {
    const folder =
      mountpoint === this.#base || mountpoint.startsWith(`${this.#base}/`)
        ? mountpoint
        : this.#base + mountpoint;
    // A mount follows it.
    const isLink = lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    return isLink ? this.folderOf(readlinkSync(folder)) : folder;
  }

  /** Before a command: what programs have written since is part of the machine. */
  readBack(machine: Machine): void {
    const mounted = this.#mounted(machine);
    for (const [folder, dataset] of mounted) {
      const tree =
        dataset.mounted?.readonly === true
          ? dataset.live
          : readFolder(folder, dataset.live, nestedIn(folder, mounted));
      const written = writtenBetween(dataset.live, tree);
      dataset.written += written;
      if (written > 0) noteWrite(dataset);
      dataset.live = tree;
    }
    this.#before = new Map([...mounted].map(([folder, { live }]) => [folder, live]));
    machine.mountpointTaken = (mountpoint) => {
      const folder = this.folderOf(mountpoint);
      const nested = nestedIn(folder, this.#mounted(machine));
      return (
        existsSync(folder) &&
        readdirSync(folder).some((name) => ![...nested].some((path) => path.split('/')[0] === name))
      );
    };
  }

  /** After a command: folders are as the machine is. */
  writeOut(machine: Machine): void {
    const mounted = this.#mounted(machine);
    const gone = [...this.#before.keys()].filter((folder) => !mounted.has(folder));
    for (const folder of gone.sort().reverse()) clearFolder(folder, nestedIn(folder, mounted));
    for (const folder of [...mounted.keys()].sort()) {
      const live = mounted.get(folder)?.live;
      if (live !== undefined && this.#before.get(folder) !== live)
        writeFolder(folder, live, nestedIn(folder, mounted));
    }
  }

  #mounted(machine: Machine): ReadonlyMap<string, Dataset> {
    const found = new Map<string, Dataset>();
    for (const dataset of machine.datasets.values()) {
      if (dataset.mounted !== null)
        found.set(this.folderOf(nativeValue(machine, dataset, 'mountpoint')), dataset);
    }
    return found;
  }
}

function nestedIn(folder: string, mounted: ReadonlyMap<string, unknown>): Nested {
  return new Set(
    [...mounted.keys()]
      .filter((each) => each.startsWith(`${folder}/`))
      .map((each) => each.slice(folder.length + 1)),
  );
}
