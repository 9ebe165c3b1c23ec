/**
 * What macOS makes by itself in a home, and makes again when it is gone: none of it is the user's work. This list
 * decides what a rollback may give up, so it is no setting, and a name is on it only if nothing of a user's can stand
 * under it. `.Trashes` and `.Trash` (what a user may still want back), `.TemporaryItems` (documents that are just
 * being saved) and `.DocumentRevisions-V100` (their earlier versions) are therefore not.
 */
const anywhere: ReadonlySet<string> = new Set([
  // Finder: how a folder's window looked.
  '.DS_Store',
]);

/** Plain files, directly in the volume's root. */
const filesInRoot: ReadonlySet<string> = new Set([
  // The volume's icon on the desktop, which OpenZFS on OS X puts there at a mount.
  '.VolumeIcon.icns',
  // What file sharing writes down of the volume.
  '.apdisk',
  // An empty mark: the user was asked about Time Machine, or the volume is none for it.
  '.com.apple.timemachine.donotpresent',
]);

/** Directories, directly in the volume's root, with all below them, as far as it is root's. */
const treesInRoot: ReadonlySet<string> = new Set([
  // fseventsd: which folders have changed.
  '.fseventsd',
  // Spotlight: the index.
  '.Spotlight-V100',
]);

/** What a path stands for: a plain file of the list, a directory of it, or what is in that; null: the user's own. */
export type Trivial = 'file' | 'tree' | 'in-tree';

/** `path` is relative to the dataset's root: `Documents/.DS_Store`; '' is the root itself. Pure. */
export function trivialKind(path: string): Trivial | null {
  const [first = '', ...below] = path.split('/');
  if (treesInRoot.has(first)) return below.length === 0 ? 'tree' : 'in-tree';
  const last = below.at(-1) ?? first;
  if (anywhere.has(last)) return 'file';
  return below.length === 0 && filesInRoot.has(first) ? 'file' : null;
}
