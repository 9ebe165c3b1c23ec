import { isPlainWord } from '../host/remote-words.ts';
import { shortNameOf } from '../zfs/names.ts';
import type { Dataset, Snapshot, Version } from '../zfs/version.ts';

/** True for a path below a home that a command on the server can name: ZFS allows blanks, a restricted shell does not. */
export function isSayablePath(path: string): boolean {
  return path === '' || isPlainWord(path);
}

/** The same of a version, of a dataset that can be named. */
export function isSayable({ name }: Pick<Version, 'name'>): boolean {
  return isPlainWord(`@${shortNameOf(name)}`);
}

/**
 * The first snapshot of the server's dataset that a command can name and that has all of its changes; null: no snapshot has them
 * under a name that can be said. What other tools add to it without changes is left: they take it away again, and whoever had only that
 * could not go on. `raw`: it has to be the newest of all, for no raw stream goes over another.
 */
export function carrierOf<S extends Snapshot>(
  { snapshots }: { readonly snapshots: readonly S[] },
  { raw }: { readonly raw: boolean },
): S | null {
  const last = raw ? snapshots.length - 1 : snapshots.findLastIndex(({ written }) => written > 0n);
  return snapshots.find((one, at) => at >= last && isSayable(one)) ?? null;
}

/** The first snapshot that a command can name and that has what `wanted` has; null: there is none yet. */
export function sayableFrom({ snapshots }: Dataset, wanted: Snapshot): Snapshot | null {
  return snapshots.find((one) => one.createtxg >= wanted.createtxg && isSayable(one)) ?? null;
}

/** The version, or another of the same state, that a command can name; null: none of them can be. */
export function sayableTwin({ snapshots, bookmarks }: Dataset, version: Version): Version | null {
  if (isSayable(version)) return version;
  return [...snapshots, ...bookmarks].find((one) => one.guid === version.guid && isSayable(one)) ?? null;
}
