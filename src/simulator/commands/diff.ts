import { isAllowed } from '../delegation.ts';
import { usageError, ZfsFailure } from '../failure.ts';
import { findSnapshot, openDataset, type Call } from '../machine.ts';
import { nativeValue } from '../mounting.ts';
import { parseWords } from '../options.ts';
import { sameEntry, type Entry, type Tree } from '../tree.ts';

/** zfs diff [-FHh] SNAPSHOT [SNAPSHOT|FILESYSTEM] */
export function diff(call: Call, words: readonly string[]): number {
  const { rest } = parseWords('diff', words, 'FHth');
  const [from, to] = rest;
  if (from === undefined) throw usageError('must provide at least one snapshot name', 'diff');
  const { machine } = call;
  const dataset = openDataset(machine, from.split('@', 1)[0] ?? '');
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
  for (const line of diffLines(since, until, nativeValue(machine, dataset, 'mountpoint')))
    call.out(`${line}\n`);
  return 0;
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

/** By object number, as ZFS walks them; a path that only lies below a renamed one is not named. */
function diffLines(before: Tree, after: Tree, mountpoint: string): readonly string[] {
  if (before === after) return [];
  const [old, now] = [byObject(before), byObject(after)];
  const [listed, lists] = [listing(before), listing(after)];
  const shown = (path: string): string => `${mountpoint}/${path}`;
  const objects = [...new Set([...old.keys(), ...now.keys()])].sort((a, b) => a - b);
  return objects.flatMap((object) => {
    const [was, is] = [old.get(object), now.get(object)];
    if (was === undefined || is === undefined) {
      if (is !== undefined) return [`+\t${shown(is.path)}`];
      return was === undefined ? [] : [`-\t${shown(was.path)}`];
    }
    if (was.path !== is.path && (isNamedOtherwise(was, is) || !isBelowRenamed(was, is, old, now))) {
      return [`R\t${shown(was.path)}\t${shown(is.path)}`];
    }
    const same =
      sameEntry(was.entry, is.entry) &&
      (was.entry.kind !== 'dir' || listed.get(was.path) === lists.get(is.path));
    return same || (was.path !== is.path && sameEntry(was.entry, is.entry)) ? [] : [`M\t${shown(is.path)}`];
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
