import { createMachine, findSnapshot, type Machine } from './machine.ts';
import {
  snapshotName,
  type Bookmark,
  type Dataset,
  type Delegation,
  type Key,
  type Partial,
  type Snapshot,
} from './model.ts';
import { metaOf, type Entry, type Meta, type Tree } from './tree.ts';

/** Keeps the contents of files, each once, by a key of its own making. */
export interface Contents {
  put(content: string): string;
  get(key: string): string;
}

interface SavedEntry {
  readonly path: string;
  readonly kind: Entry['kind'];
  readonly object: number;
  readonly mode: number;
  readonly meta?: Meta;
  /** A symbolic link's target, a file's key. */
  readonly text?: string;
}

interface SavedVersion {
  readonly short: string;
  readonly guid: string;
  readonly createtxg: string;
  readonly creation: number;
  readonly ivset: string | null;
  readonly tree: number;
}

interface SavedSnapshot extends SavedVersion {
  readonly written: number;
  readonly holds: readonly (readonly [string, number])[];
  readonly properties: readonly (readonly [string, string])[];
}

interface SavedDataset extends Omit<SavedVersion, 'short' | 'ivset'> {
  readonly name: string;
  readonly properties: readonly (readonly [
    string,
    { readonly value: string; readonly source: 'local' | 'received' },
  ])[];
  readonly delegations: readonly {
    readonly who: string;
    readonly local: readonly string[];
    readonly descendent: readonly string[];
  }[];
  readonly mounted: Dataset['mounted'];
  readonly written: number;
  readonly everMounted: boolean;
  readonly logUsed: Dataset['logUsed'];
  readonly logHead: Dataset['logHead'];
  readonly snapshots: readonly SavedSnapshot[];
  readonly bookmarks: readonly SavedVersion[];
  readonly origin: string | null;
  readonly volsize: number | null;
  readonly key: Key | null;
  readonly encryptionRoot: string | null;
  readonly partial: Omit<Partial, 'chunks'> | null;
}

/** A machine as JSON. What a partial receive holds is kept elsewhere. */
export interface SavedMachine {
  readonly pools: readonly { name: string; txg: string; size: number; missingFeatures: readonly string[] }[];
  readonly trees: readonly (readonly SavedEntry[])[];
  readonly datasets: readonly SavedDataset[];
}

/** The state of a machine, its trees each once. */
export function saveMachine(machine: Machine, contents: Contents): SavedMachine {
  const indexes = new Map<Tree, number>();
  const trees: (readonly SavedEntry[])[] = [];
  const tree = (of: Tree): number => {
    const known = indexes.get(of);
    if (known !== undefined) return known;
    indexes.set(of, trees.length);
    return trees.push([...of].map(([path, entry]) => saveEntry(path, entry, contents))) - 1;
  };
  const version = (of: Snapshot | Bookmark): SavedVersion => {
    const { short, guid, createtxg, creation, ivset } = of;
    return { short, guid, createtxg: String(createtxg), creation, ivset, tree: tree(of.tree) };
  };
  const datasets = [...machine.datasets.values()].map((dataset): SavedDataset => {
    const { name, guid, createtxg, creation, mounted, written, everMounted, origin, volsize, key } = dataset;
    const { logUsed, logHead } = dataset;
    return {
      ...{ name, guid, creation, mounted, written, everMounted, volsize, key, logUsed, logHead },
      encryptionRoot: dataset.encryptionRoot?.name ?? null,
      createtxg: String(createtxg),
      tree: tree(dataset.live),
      properties: [...dataset.properties],
      delegations: [...dataset.delegations].map(([who, given]) => ({
        who,
        local: [...given.local],
        descendent: [...given.descendent],
      })),
      snapshots: dataset.snapshots.map((each) => ({
        ...version(each),
        written: each.written,
        holds: [...each.holds],
        properties: [...each.properties],
      })),
      bookmarks: dataset.bookmarks.map(version),
      origin: origin === null ? null : snapshotName(origin),
      partial: dataset.partial === null ? null : withoutChunks(dataset.partial),
    };
  });
  const pools = [...machine.pools.values()].map((pool) => ({ ...pool, txg: String(pool.txg) }));
  return { pools, trees, datasets };
}

function withoutChunks({ chunks: _chunks, ...partial }: Partial): Omit<Partial, 'chunks'> {
  return partial;
}

function saveEntry(path: string, entry: Entry, contents: Contents): SavedEntry {
  const { kind, object, mode } = entry;
  const saved = { path, kind, object, mode, ...metaOf(entry) };
  if (kind === 'dir') return saved;
  return { ...saved, text: kind === 'symlink' ? entry.target : contents.put(entry.content) };
}

function loadEntry(saved: SavedEntry, contents: Contents): Entry {
  const { kind, object, mode, text = '' } = saved;
  const fields = { object, mode, ...metaOf(saved) };
  if (kind === 'dir') return { kind, ...fields };
  if (kind === 'symlink') return { kind, ...fields, target: text };
  return {
    kind,
    ...fields,
    // Read when it is asked for: most commands look at no file.
    get content() {
      return contents.get(text);
    },
  };
}

/** The machine of a saved state. `chunksOf` gives what a partial receive holds. */
export function loadMachine(
  saved: SavedMachine,
  contents: Contents,
  chunksOf: (id: string) => Buffer[],
): Machine {
  const machine = createMachine({ pools: [] });
  for (const { txg, ...pool } of saved.pools) machine.pools.set(pool.name, { ...pool, txg: BigInt(txg) });
  const trees = saved.trees.map(
    (entries): Tree => new Map(entries.map((entry) => [entry.path, loadEntry(entry, contents)])),
  );
  const version = (of: SavedVersion): Bookmark => {
    const { short, guid, createtxg, creation, ivset, tree } = of;
    return { short, guid, createtxg: BigInt(createtxg), creation, ivset, tree: trees[tree] ?? new Map() };
  };
  for (const each of saved.datasets) {
    const { name, guid, creation, mounted, written, everMounted, volsize, key, logUsed, logHead } = each;
    const dataset: Dataset = {
      ...{ name, guid, creation, mounted, written, everMounted, volsize, key, logUsed, logHead },
      encryptionRoot: null,
      createtxg: BigInt(each.createtxg),
      properties: new Map(each.properties),
      delegations: new Map(
        each.delegations.map(({ who, local, descendent }): [string, Delegation] => [
          who,
          { local: new Set(local), descendent: new Set(descendent) },
        ]),
      ),
      live: trees[each.tree] ?? new Map(),
      snapshots: [],
      bookmarks: each.bookmarks.map(version),
      origin: null,
      partial: each.partial === null ? null : { ...each.partial, chunks: chunksOf(each.partial.id) },
    };
    for (const snapshot of each.snapshots) {
      const { holds, properties } = snapshot;
      dataset.snapshots.push({
        ...version(snapshot),
        dataset,
        written: snapshot.written,
        holds: new Map(holds),
        properties: new Map(properties),
      });
    }
    machine.datasets.set(name, dataset);
  }
  for (const { name, origin, encryptionRoot } of saved.datasets) {
    const dataset = machine.datasets.get(name);
    if (dataset !== undefined && encryptionRoot !== null)
      dataset.encryptionRoot = machine.datasets.get(encryptionRoot) ?? null;
    if (dataset !== undefined && origin !== null) dataset.origin = findSnapshot(machine, origin) ?? null;
  }
  return machine;
}
