import { isAllowed } from '../delegation.ts';
import { usageError, ZfsFailure } from '../failure.ts';
import { findSnapshot, openDataset, openFileSystem, type Call } from '../machine.ts';
import { nativeValue } from '../mounting.ts';
import { parseWords } from '../options.ts';
import { sameEntry, type Entry, type Tree } from '../tree.ts';

/** zfs diff [-FHh] SNAPSHOT [SNAPSHOT|FILESYSTEM] */
export function diff(call: Call, words: readonly string[]): number {
  const options = parseWords('diff', words, 'FHth');
  const [from, to] = options.rest;
  if (from === undefined) throw usageError('must provide at least one snapshot name', 'diff');
  const { machine } = call;
  const dataset = openFileSystem(machine, from.split('@', 1)[0] ?? '');
  const given = to ?? dataset.name;
  if (dataset.mounted === null) {
    throw new ZfsFailure(
      'Cannot diff an unmounted snapshot: operation not applicable to datasets of this type',
    );
  }
  if (!isAllowed(machine, call.user, dataset.name, 'diff')) {
    throw new ZfsFailure(
      'The sys_mount privilege or diff delegated permission is needed\nto execute the diff ioctl: permission denied',
    );
  }
  const since = findSnapshot(machine, from)?.tree;
  const until = given.includes('@') ? findSnapshot(machine, given)?.tree : openDataset(machine, given).live;
  if (since === undefined || until === undefined)
    throw new ZfsFailure('Unable to obtain diffs: No such file or directory');
  const mountpoint = nativeValue(machine, dataset, 'mountpoint');
  const shown = (path: string): string => escaped(`${mountpoint}/${path}`, options.has('h'));
  for (const { change, entry, paths } of differences(since, until)) {
    const type = options.has('F') ? [letters[entry.kind]] : [];
    const last = paths.map(shown).join(options.has('H') ? '\t' : ' -> ');
    call.out(`${[change, ...type, last].join('\t')}\n`);
  }
  return 0;
}

const letters: Readonly<Record<Entry['kind'], string>> = { file: 'F', dir: '/', symlink: '@' };

/** All but printable ASCII, and the backslash, as a backslash and four octal digits for each byte. */
function escaped(path: string, asItIs: boolean): string {
  if (asItIs) return path;
  return path.replace(/[^!-[\]-~]+/g, (part) =>
    [...Buffer.from(part)].map((byte) => `\\${byte.toString(8).padStart(4, '0')}`).join(''),
  );
}

interface Place {
  readonly path: string;
  readonly entry: Entry;
}

function byObject(tree: Tree): ReadonlyMap<number, Place> {
  return new Map([...tree].map(([path, entry]) => [entry.object, { path, entry }]));
}

function isNamedOtherwise(old: Place, now: Place): boolean {
  const last = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
  return old.path !== now.path && last(old.path) !== last(now.path);
}

/** The names that a directory holds, with what they stand for: a change of it changes the directory. */
function listing(tree: Tree): ReadonlyMap<string, string> {
  const names = new Map<string, string[]>();
  for (const [path, { object }] of tree) {
    if (path === '') continue;
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    const list = names.get(parent) ?? [];
    names.set(parent, list);
    list.push(`${path}=${object}`);
  }
  return new Map([...names].map(([path, list]) => [path, list.sort().join('\n')]));
}

interface Difference {
  readonly change: '+' | '-' | 'M' | 'R';
  readonly entry: Entry;
  /** Of a rename both. */
  readonly paths: readonly string[];
}

/** By object number, as ZFS walks them; a path that only lies below a renamed one is not named. */
function differences(before: Tree, after: Tree): readonly Difference[] {
  if (before === after) return [];
  const [old, now] = [byObject(before), byObject(after)];
  const [listed, lists] = [listing(before), listing(after)];
  const objects = [...new Set([...old.keys(), ...now.keys()])].sort((a, b) => a - b);
  return objects.flatMap((object): readonly Difference[] => {
    const [was, is] = [old.get(object), now.get(object)];
    if (is === undefined)
      return was === undefined ? [] : [{ change: '-', entry: was.entry, paths: [was.path] }];
    const { entry, path } = is;
    if (was === undefined) return [{ change: '+', entry, paths: [path] }];
    if (was.path !== path && (isNamedOtherwise(was, is) || !isBelowRenamed(was, is, old, now)))
      return [{ change: 'R', entry, paths: [was.path, path] }];
    const same =
      sameEntry(was.entry, entry) && (entry.kind !== 'dir' || listed.get(was.path) === lists.get(path));
    return same || (was.path !== path && sameEntry(was.entry, entry))
      ? []
      : [{ change: 'M', entry, paths: [path] }];
  });
}

function isBelowRenamed(
  was: Place,
  is: Place,
  old: ReadonlyMap<number, Place>,
  now: ReadonlyMap<number, Place>,
): boolean {
  const parent = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
  const holder = [...old].find(([, place]) => place.path === parent(was.path));
  return holder !== undefined && now.get(holder[0])?.path === parent(is.path);
}
