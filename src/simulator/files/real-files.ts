import {
  chmodSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  contentOf,
  nextObject,
  objectAfter,
  sameEntry,
  type Entry,
  type NewEntry,
  type Tree,
} from '../tree.ts';

/** Folders in a folder that are other datasets' mountpoints, as paths relative to it. */
export type Nested = ReadonlySet<string>;

function entryAt(path: string): NewEntry | null {
  const found = lstatSync(path);
  const mode = found.mode & 0o7777;
  const { uid, gid } = found;
  // In whole seconds, which every file system gives back as they were set.
  const mtime = found.isFile() ? Math.floor(found.mtimeMs / 1000) : null;
  const fields = { mode, meta: { uid, gid, mtime } };
  if (found.isSymbolicLink()) return { kind: 'symlink', ...fields, target: readlinkSync(path) };
  if (found.isDirectory()) return { kind: 'dir', ...fields };
  return found.isFile() ? { kind: 'file', ...fields, content: contentOf(readFileSync(path)) } : null;
}

function pathsIn(folder: string, nested: Nested, below = ''): readonly string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    return entry.isDirectory() && !nested.has(path) ? [path, ...pathsIn(folder, nested, path)] : [path];
  });
}

/** The tree that a folder holds now. What is as it was keeps its object number; sockets and devices are left out. */
export function readFolder(folder: string, known: Tree, nested: Nested): Tree {
  if (!existsSync(folder)) return known;
  const tree = new Map<string, Entry>();
  let object = nextObject(known);
  let changed = false;
  for (const path of ['', ...pathsIn(folder, nested)]) {
    const now = entryAt(join(folder, path));
    if (now === null) continue;
    const old = known.get(path);
    const entry = { ...now, object: old?.kind === now.kind ? old.object : object };
    if (entry.object === object) object = objectAfter(object);
    // What was made by no program, as a new dataset's root, takes over what its folder has.
    changed ||= old?.meta === undefined || !sameEntry(old, entry);
    tree.set(path, changed || old === undefined ? entry : old);
  }
  return changed || tree.size !== known.size ? tree : known;
}

/** Makes a folder hold the tree, and nothing else but what is mounted in it. */
export function writeFolder(folder: string, tree: Tree, nested: Nested): void {
  mkdirSync(folder, { recursive: true });
  const kept = (path: string): boolean =>
    [...nested].some((each) => each === path || each.startsWith(`${path}/`));
  for (const path of pathsIn(folder, nested)) {
    if (tree.get(path)?.kind === 'dir' || kept(path)) continue;
    rmSync(join(folder, path), { recursive: true, force: true });
  }
  const paths = [...tree.keys()].sort();
  for (const path of paths) writeEntry(join(folder, path), tree.get(path));
  // Last, and the deepest first: a directory may be read-only.
  for (const path of paths.reverse()) {
    const entry = tree.get(path);
    if (entry !== undefined) setAttributes(join(folder, path), entry);
  }
}

function writeEntry(path: string, entry: Entry | undefined): void {
  if (entry?.kind === 'dir') mkdirSync(path, { recursive: true });
  else if (entry?.kind === 'symlink') symlinkSync(entry.target, path);
  else if (entry !== undefined) writeFileSync(path, Buffer.from(entry.content, 'latin1'));
}

function setAttributes(path: string, { kind, mode, meta }: Entry): void {
  // Only root gives files away.
  if (meta !== undefined && process.getuid?.() === 0) lchownSync(path, meta.uid, meta.gid);
  if (kind !== 'symlink') chmodSync(path, mode);
  // When directories were changed is not kept: it is the same in each place that shows the same.
  const mtime = kind === 'dir' ? 0 : meta?.mtime;
  if (typeof mtime === 'number') utimesSync(path, mtime, mtime);
}

/** Empties a folder that is no longer a mountpoint. */
export function clearFolder(folder: string, nested: Nested): void {
  if (existsSync(folder))
    writeFolder(folder, new Map([['', { kind: 'dir', object: 0, mode: 0o755 }]]), nested);
}
