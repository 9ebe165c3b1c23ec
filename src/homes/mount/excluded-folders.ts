import { createHash } from 'node:crypto';
import { RoamhomeError } from '../../errors/errors.ts';
import { childOf, type DatasetName } from '../../zfs/names.ts';
import type { Dataset } from '../../zfs/version.ts';
import type { HomeState } from '../../sync/home-state.ts';
import { keptHerePrefix } from '../../sync/kept-here.ts';
import { excludedProperty, folderProperty } from '../../sync/properties.ts';

// A folder is a path below a home, names joined by slashes: `Library/Caches`.

/** What most Macs have no use for elsewhere: programs make it anew. */
export const usualFolders: readonly string[] = ['Library/Caches', 'Library/Logs'];

/** What a list says; null: there is none to say it. `wrong`: entries that are no folders of a home. */
export interface FolderList {
  readonly folders: readonly string[];
  readonly wrong: readonly string[];
}

/** A user property holds 8191 bytes. */
const maxBytes = 8191;
const none = 'none';

/** Reads the property's value; `-`: not set. Whoever has a Mac's key can write it: nothing in it is trusted. Pure. */
export function parseFolders(value: string): FolderList {
  if (value === '-' || value === none) return { folders: [], wrong: [] };
  const entries = value.split(',').map((entry) => [entry, decodePath(entry)] as const);
  const folders = entries.flatMap(([, path]) => (path === null ? [] : [path]));
  return {
    folders: outermost(folders),
    wrong: entries.flatMap(([entry, path]) => (path === null ? [entry] : [])),
  };
}

/** The property's value, a plain word of a remote command. Throws `usage` where it gets too long. Pure. */
export function formatFolders(folders: readonly string[]): string {
  const value = folders.length === 0 ? none : outermost(folders).map(encodePath).join(',');
  if (value.length <= maxBytes) return value;
  throw new RoamhomeError({
    code: 'usage',
    message: `the list of excluded folders would be ${value.length} bytes long; ZFS keeps ${maxBytes}`,
    remedy: 'Exclude the folder above them instead.',
  });
}

/** The list on a home as it was observed on the server. Pure. */
export function foldersOf(server: HomeState): FolderList {
  const root = server.datasets.find(({ name }) => name === server.root);
  return parseFolders(root?.properties[excludedProperty] ?? '-');
}

/** Bytes other than these are written as %XX. A comma parts the entries. */
const plainBytes = /[^A-Za-z0-9_./-]/g;

/** Pure. */
export function encodePath(path: string): string {
  const bytes = Buffer.from(path).toString('latin1');
  return bytes.replaceAll(
    plainBytes,
    (byte) => `%${Buffer.from(byte, 'latin1').toString('hex').toUpperCase()}`,
  );
}

/** null: it is no folder of a home, or not as `encodePath` writes it. */
function decodePath(text: string): string | null {
  const bytes = text.replaceAll(/%([0-9A-F]{2})/g, (_all, hex: string) =>
    Buffer.from(hex, 'hex').toString('latin1'),
  );
  const path = Buffer.from(bytes, 'latin1').toString();
  return encodePath(path) === text && whyNoFolder(path) === null ? path : null;
}

/** Why a path cannot be excluded; null: as far as its name goes, it can. Pure. */
export function whyNoFolder(path: string): string | null {
  const names = path.split('/');
  if (path.includes('\0')) return 'a name cannot hold a NUL';
  if (names.some((name) => name === '' || name === '.' || name === '..')) return 'it is no path below a home';
  if (names.some((name) => name.startsWith('.roamhome-') || name === '.zfs'))
    return 'Roamhome or ZFS keep something of their own there';
  // NAME_MAX and half of macOS's PATH_MAX: the home's own path comes before it.
  if (names.some((name) => Buffer.byteLength(name) > 255) || Buffer.byteLength(path) > 512)
    return 'it is too long';
  return null;
}

/** True when one path is the other, or above it. Pure. */
export function isAtOrAbove(above: string, path: string): boolean {
  return path === above || path.startsWith(`${above}/`);
}

/** Each once, in order, without those that lie in another. Pure. */
function outermost(folders: readonly string[]): readonly string[] {
  return [...new Set(folders)]
    .filter((path) => !folders.some((other) => other !== path && isAtOrAbove(other, path)))
    .sort();
}

/**
 * The dataset that a folder is: right below the home, wherever the folder lies, for between the two there may be none; of a
 * name that ZFS takes, whatever the folder is called. Pure.
 */
export function folderDataset(home: DatasetName, path: string): DatasetName {
  return childOf(home, `${keptHerePrefix}${createHash('sha256').update(path).digest('hex').slice(0, 16)}`);
}

/** True for the dataset of a folder, whether it holds the folder yet or not. Pure. */
export function isFolderDataset(home: DatasetName, { name }: Pick<Dataset, 'name'>): boolean {
  return name.startsWith(`${home}/${keptHerePrefix}`);
}

/** The folder that a dataset below a home holds; null: it is that of no folder, or is not complete. Pure. */
export function folderOf(
  home: DatasetName,
  { name, properties }: Pick<Dataset, 'name' | 'properties'>,
): string | null {
  const path = decodePath(properties[folderProperty] ?? '-');
  // What lies below it has inherited the property.
  return path !== null && folderDataset(home, path) === name ? path : null;
}

/** The folders of which this Mac has a whole dataset. Pure. */
export function foldersHere({ root, excluded }: HomeState): readonly string[] {
  return excluded.flatMap((dataset) => folderOf(root, dataset) ?? []).sort();
}

/** Where below the home an excluded dataset is seen: as the folder that it is, else by its name. Pure. */
export function excludedPathOf(home: DatasetName, dataset: Dataset): string {
  return folderOf(home, dataset) ?? dataset.name.slice(home.length + 1);
}
