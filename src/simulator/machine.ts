import { randomBytes } from 'node:crypto';
import { cannotOpen, notOfThisType, ZfsFailure } from './failure.ts';
import {
  isAtOrBelow,
  parentOf,
  poolOf,
  type Bookmark,
  type Dataset,
  type Pool,
  type Snapshot,
} from './model.ts';
import { emptyTree } from './tree.ts';

/** What a machine is made with; all but the pools has a default. */
export interface MachineOptions {
  /** The names of its pools. Each has a root dataset with no mountpoint, as the lab's. */
  readonly pools: readonly string[];
  /** Bytes in each pool. */
  readonly poolBytes?: number;
  /** What the pools cannot do: `extensible_dataset` (resumable receives), `large_blocks`, `embedded_data`, `lz4_compress`. */
  readonly missingFeatures?: readonly string[];
  /** Milliseconds since the epoch; may go back. */
  readonly now?: () => number;
  /** A random 64-bit number, for guids. */
  readonly random?: () => bigint;
}

/** A program that has a file of a dataset open. */
export interface Use {
  /** So many tries to unmount it fail; then the program has gone. */
  tries: number;
  /** Also those by force: so it is on Linux, while macOS then unmounts. */
  readonly evenByForce: boolean;
}

/** A computer with pools, as far as its ZFS goes. */
export interface Machine {
  readonly pools: Map<string, Pool>;
  readonly datasets: Map<string, Dataset>;
  readonly now: () => number;
  readonly random: () => bigint;
  /** Datasets with an open file, by name. */
  readonly inUse: Map<string, Use>;
  /** What is in the files that keylocation may name, by path. */
  readonly keyFiles: Map<string, string>;
  /** Commands under way, each as what ends it at once. */
  readonly running: Set<() => void>;
  /** True for a mountpoint that holds files which are not of a mounted dataset. */
  mountpointTaken: (path: string) => boolean;
}

/** One command's view of a machine: who runs it, and where its output goes. */
export interface Call {
  readonly machine: Machine;
  /** `root` may do all; anybody else what `zfs allow` says. */
  readonly user: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const defaultPoolBytes = 2 ** 40;

/** A machine with empty pools. */
export function createMachine(options: MachineOptions): Machine {
  const machine: Machine = {
    pools: new Map(),
    datasets: new Map(),
    now: options.now ?? Date.now,
    random: options.random ?? (() => randomBytes(8).readBigUInt64BE()),
    inUse: new Map(),
    keyFiles: new Map(),
    running: new Set(),
    mountpointTaken: () => false,
  };
  for (const name of options.pools) {
    const size = options.poolBytes ?? defaultPoolBytes;
    machine.pools.set(name, { name, txg: 4n, size, missingFeatures: options.missingFeatures ?? [] });
    const root = addDataset(machine, name);
    root.properties.set('mountpoint', { value: 'none', source: 'local' });
    root.properties.set('canmount', { value: 'off', source: 'local' });
  }
  return machine;
}

/** A guid that is not 0, which means "none". */
export function newGuid(machine: Machine): string {
  let guid = 0n;
  while (guid === 0n) guid = BigInt.asUintN(64, machine.random());
  return guid.toString();
}

/** The next transaction group of the dataset's pool. */
export function nextTxg(machine: Machine, name: string): bigint {
  const pool = machine.pools.get(poolOf(name));
  if (pool === undefined) throw new ZfsFailure(`cannot open '${poolOf(name)}': no such pool`);
  pool.txg += 1n;
  return pool.txg;
}

/** Seconds since the epoch by the machine's clock. */
export function seconds(machine: Machine): number {
  return Math.floor(machine.now() / 1000);
}

/** Makes an empty dataset, encrypted as the one above it; nothing is checked. `volsize`: of a volume. */
export function addDataset(machine: Machine, name: string, volsize: number | null = null): Dataset {
  const dataset: Dataset = {
    name,
    volsize,
    key: null,
    encryptionRoot: machine.datasets.get(parentOf(name) ?? '')?.encryptionRoot ?? null,
    guid: newGuid(machine),
    createtxg: nextTxg(machine, name),
    creation: seconds(machine),
    properties: new Map(),
    delegations: new Map(),
    mounted: null,
    live: emptyTree,
    written: 98304,
    everMounted: false,
    logUsed: 'no',
    logHead: 'clean',
    snapshots: [],
    bookmarks: [],
    origin: null,
    partial: null,
  };
  machine.datasets.set(name, dataset);
  return dataset;
}

/** Throws zfs's `does not exist`. */
export function openDataset(machine: Machine, name: string): Dataset {
  const dataset = machine.datasets.get(name);
  if (dataset === undefined) throw cannotOpen(name);
  return dataset;
}

/** Throws zfs's refusal also of a volume. */
export function openFileSystem(machine: Machine, name: string): Dataset {
  const dataset = openDataset(machine, name);
  if (dataset.volsize !== null) throw notOfThisType(name);
  return dataset;
}

/** undefined: there is none of that name. */
export function findSnapshot(machine: Machine, name: string): Snapshot | undefined {
  const at = name.indexOf('@');
  const dataset = machine.datasets.get(name.slice(0, at));
  return dataset?.snapshots.find(({ short }) => short === name.slice(at + 1));
}

/** Throws zfs's `does not exist`. */
export function openSnapshot(machine: Machine, name: string): Snapshot {
  const snapshot = findSnapshot(machine, name);
  if (snapshot === undefined) throw cannotOpen(name);
  return snapshot;
}

/** undefined: there is none of that name. */
export function findBookmark(machine: Machine, name: string): Bookmark | undefined {
  const at = name.indexOf('#');
  const dataset = machine.datasets.get(name.slice(0, at));
  return dataset?.bookmarks.find(({ short }) => short === name.slice(at + 1));
}

/** The dataset and all below it, parents first. */
export function datasetsAtOrBelow(machine: Machine, root: string): readonly Dataset[] {
  return [...machine.datasets.values()]
    .filter(({ name }) => isAtOrBelow(name, root))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The datasets directly below. */
export function childrenOf(machine: Machine, parent: string): readonly Dataset[] {
  return datasetsAtOrBelow(machine, parent).filter(({ name }) => parentOf(name) === parent);
}

/** The clones of a snapshot. */
export function clonesOf(machine: Machine, snapshot: Snapshot): readonly Dataset[] {
  return [...machine.datasets.values()].filter(({ origin }) => origin === snapshot);
}
