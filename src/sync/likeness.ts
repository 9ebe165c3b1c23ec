import type { Twins } from './merged.ts';
import type { Snapshot } from '../zfs/version.ts';

/** Digests of all that is in a snapshot, by `markOf`. What is lost of them is read again. */
export type Contents = Readonly<Record<string, string>>;

/** Two trees are the same, are not, or have not both been read yet. */
export type Likeness = 'same' | 'different' | 'unread';

/** Tells a snapshot from every other that this pool has ever had: no client can choose in which transaction group it is made. Pure. */
export function markOf({ name, guid, createtxg }: Snapshot): string {
  return `${name} ${guid} ${createtxg}`;
}

/** What is known of the files of twins: one pair that differs is enough. Pure. */
export function likenessOf(twins: readonly Twins[], contents: Contents): Likeness {
  let unread = false;
  for (const { branch, home } of twins) {
    const [mine, its] = [contents[markOf(branch)], contents[markOf(home)]];
    if (mine === undefined || its === undefined) unread = true;
    else if (mine !== its) return 'different';
  }
  return unread ? 'unread' : 'same';
}

/** Of the digests those that are still asked for. Pure. */
export function stillWanted(contents: Contents, twins: readonly Twins[]): Contents {
  const marks = new Set(twins.flatMap(({ branch, home }) => [markOf(branch), markOf(home)]));
  return Object.fromEntries(Object.entries(contents).filter(([mark]) => marks.has(mark)));
}
