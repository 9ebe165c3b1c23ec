/** Whose an entry is, and when its content changed in seconds; null: not kept. Known of real files only. */
export interface Meta {
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number | null;
}

interface Fields {
  readonly mode: number;
  readonly meta?: Meta;
}

/** What stands at a path. `object` is its number in the dataset: it stays when the path is renamed, as `zfs diff` needs. */
export type Entry = NewEntry & { readonly object: number };

/**
 * The files of a dataset by path, without a leading slash; the root is ''. Never changed once made, so that a
 * snapshot, a clone and a rollback are one assignment. A file's content has one character for each byte.
 */
export type Tree = ReadonlyMap<string, Entry>;

/** The root directory of a ZFS file system. What is made in it has lower numbers first. */
const rootObject = 34;
const firstObject = 2;

/** The tree of a new dataset: its root directory alone. */
export const emptyTree: Tree = new Map([['', { kind: 'dir', object: rootObject, mode: 0o755 }]]);

/** What a path is about to hold; the object number is given to it by the tree. */
export type NewEntry =
  | (Fields & { readonly kind: 'file'; readonly content: string })
  | (Fields & { readonly kind: 'dir' })
  | (Fields & { readonly kind: 'symlink'; readonly target: string });

/** The bytes of a text or a buffer as a file's content. */
export function contentOf(data: string | Uint8Array): string {
  return Buffer.from(data as string).toString('latin1');
}

/** The object number that is free: one above all that the tree has, but for its root's. */
export function nextObject(tree: Tree): number {
  let last = firstObject - 1;
  for (const { object } of tree.values()) if (object !== rootObject && object > last) last = object;
  return objectAfter(last);
}

/** The next object number: never the root's. */
export function objectAfter(object: number): number {
  return object + 1 === rootObject ? rootObject + 1 : object + 1;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** The tree with an entry at the path, and the directories above it. */
export function withEntry(tree: Tree, path: string, entry: NewEntry): Tree {
  const next = new Map(tree);
  let object = nextObject(tree);
  const missing: string[] = [];
  for (let above = parentOf(path); !next.has(above); above = parentOf(above)) missing.unshift(above);
  for (const above of missing) {
    next.set(above, { kind: 'dir', object, mode: 0o755 });
    object = objectAfter(object);
  }
  const old = next.get(path);
  next.set(path, { ...entry, object: old?.kind === entry.kind ? old.object : object });
  return next;
}

/** The tree without the path and what is below it. */
export function withoutPath(tree: Tree, path: string): Tree {
  return new Map([...tree].filter(([at]) => at !== path && !at.startsWith(`${path}/`)));
}

/** The tree with the path, and what is below it, under another name. */
export function withRenamed(tree: Tree, from: string, to: string): Tree {
  const next = new Map<string, Entry>();
  for (const [at, entry] of withoutPath(tree, to)) {
    next.set(at === from || at.startsWith(`${from}/`) ? to + at.slice(from.length) : at, entry);
  }
  return next;
}

/** What is known besides, to be spread into another entry. */
export function metaOf({ meta }: { readonly meta?: Meta }): { readonly meta?: Meta } {
  return meta === undefined ? {} : { meta };
}

function sameMeta(a: Meta | undefined, b: Meta | undefined): boolean {
  if (a === undefined || b === undefined) return true;
  return a.uid === b.uid && a.gid === b.gid && a.mtime === b.mtime;
}

/** True when two entries hold the same, whatever their object numbers. */
export function sameEntry(a: Entry, b: Entry): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || a.mode !== b.mode || !sameMeta(a.meta, b.meta)) return false;
  if (a.kind === 'file') return a.content === (b as typeof a).content;
  return a.kind === 'dir' || a.target === (b as typeof a).target;
}

/** True when two trees hold the same files. */
export function sameTree(a: Tree, b: Tree): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const [path, entry] of a) {
    const other = b.get(path);
    if (other === undefined || !sameEntry(entry, other)) return false;
  }
  return true;
}

const blockBytes = 4096;

/** What an entry takes: its blocks, and one for itself. */
export function bytesOf(entry: Entry): number {
  return entry.kind === 'file' ? blockBytes * (1 + Math.ceil(entry.content.length / blockBytes)) : blockBytes;
}

/** What the whole tree takes. */
export function treeBytes(tree: Tree): number {
  let bytes = 0;
  for (const entry of tree.values()) bytes += bytesOf(entry);
  return bytes;
}

/** What was written to get from one tree to the other: the new blocks; 0 when no path differs. */
export function writtenBetween(from: Tree, to: Tree): number {
  if (from === to) return 0;
  let bytes = 0;
  for (const [path, entry] of to) {
    const old = from.get(path);
    if (old === undefined || !sameEntry(old, entry) || old.object !== entry.object) bytes += bytesOf(entry);
  }
  for (const path of from.keys()) if (!to.has(path)) bytes += blockBytes;
  return bytes;
}
