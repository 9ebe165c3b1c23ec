/** A path below the top of a home, without a slash in front: '' is the top. Bytes: file systems know no encoding. */
export type HomePath = Buffer;

/** The files of a home, which may lie in several file systems. */
export interface FileTree {
  /** Where each file system of the tree is mounted, by its path in the home; that of '' first. */
  readonly mounts: ReadonlyMap<string, string>;
  /** Paths that are no part of this tree, though something may lie there; with a reason to tell, or without. */
  readonly apart: ReadonlyMap<string, string | null>;
}

/** Names of datasets are ASCII: other bytes match none of them. */
const keyOf = (path: HomePath): string => path.toString('latin1');

/** The path of a name in a directory. */
export function pathIn(directory: HomePath, name: Buffer): HomePath {
  return directory.length === 0 ? name : Buffer.concat([directory, Buffer.from('/'), name]);
}

/** The absolute path of a name in a directory. */
export function placeIn(directory: Buffer, name: Buffer): Buffer {
  return Buffer.concat([directory, Buffer.from('/'), name]);
}

/** The part of a path before its last slash. */
export function directoryOf(path: Buffer): Buffer {
  return path.subarray(0, Math.max(0, path.lastIndexOf('/')));
}

/** The part of a path behind its last slash. */
export function nameOf(path: Buffer): Buffer {
  return path.subarray(path.lastIndexOf('/') + 1);
}

/** The mountpoint of the file system that begins at a path of the home; null: none does. */
export function mountAt(tree: FileTree, path: HomePath): Buffer | null {
  const mount = tree.mounts.get(keyOf(path));
  return mount === undefined ? null : Buffer.from(mount);
}

/** Why a path is no part of the tree (null where that is nothing to tell); undefined: it is part of it. */
export function whyApart(tree: FileTree, path: HomePath): string | null | undefined {
  return tree.apart.get(keyOf(path));
}

/** The names of the file systems of the tree that begin right below a directory. */
export function mountNamesIn(tree: FileTree, directory: HomePath): readonly Buffer[] {
  const prefix = directory.length === 0 ? '' : `${keyOf(directory)}/`;
  return [...tree.mounts.keys()]
    .filter((path) => path !== '' && path.startsWith(prefix) && !path.slice(prefix.length).includes('/'))
    .map((path) => Buffer.from(path.slice(prefix.length)));
}

/** True when a file system of the tree begins at the path or further below it. */
export function holdsMount(tree: FileTree, path: HomePath): boolean {
  const key = keyOf(path);
  return [...tree.mounts.keys()].some((mount) => mount === key || mount.startsWith(`${key}/`));
}

/** The same of every dataset that is known to lie there, part of the tree or not. */
export function holdsDataset(tree: FileTree, path: HomePath): boolean {
  return (
    holdsMount(tree, path) ||
    [...tree.apart.keys()].some((apart) => leadsTo(path, Buffer.from(apart, 'latin1')))
  );
}

/** True when one path is the other, or above it. */
export function leadsTo(above: HomePath, path: HomePath): boolean {
  if (above.length === 0 || above.equals(path)) return true;
  return (
    path.length > above.length && path[above.length] === 0x2f && path.subarray(0, above.length).equals(above)
  );
}

/** A path for people and JSON: bytes that are no UTF-8 are shown as `\xNN`. */
export function pathText(path: HomePath): string {
  const text = path.toString('utf8');
  if (Buffer.from(text).equals(path)) return text;
  let shown = '';
  for (let at = 0; at < path.length;) {
    const length = characterLength(path, at);
    shown +=
      length === 0
        ? `\\x${path.subarray(at, at + 1).toString('hex')}`
        : path.toString('utf8', at, at + length);
    at += Math.max(1, length);
  }
  return shown;
}

/** True for a path that can be a word of a command: those are UTF-8. */
export function isText(path: HomePath): boolean {
  return Buffer.from(path.toString('utf8')).equals(path);
}

/** How many bytes the UTF-8 character at an index has; 0: there is none. */
function characterLength(path: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= path.length; length++) {
    if (isText(path.subarray(at, at + length))) return length;
  }
  return 0;
}
