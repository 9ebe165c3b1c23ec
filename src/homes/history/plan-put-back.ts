import { compareAt, type CompareOptions } from '../files/compare.ts';
import { namesIn, uniqueSorted } from '../files/directory.ts';
import { entryAt, type Entry } from '../files/entry.ts';
import {
  directoryOf,
  holdsDataset,
  isText,
  mountAt,
  mountNamesIn,
  pathIn,
  placeIn,
  whyApart,
  type FileTree,
  type HomePath,
} from '../files/file-tree.ts';
import type { CopyInto, NotRestored, RestorePlan } from '../files/restore-plan.ts';

/** What is to come back, where it is now and where it goes. */
export interface PutBack {
  readonly path: HomePath;
  readonly inPast: Buffer;
  readonly inHome: Buffer;
}

export interface PutBackOptions {
  readonly past: FileTree;
  /** What the places are part of. */
  readonly home: FileTree;
  /** For the name of what is there now. */
  readonly label: string;
  readonly signal: AbortSignal;
}

interface Walk extends PutBackOptions {
  readonly steps: RestorePlan['steps'][number][];
  readonly skipped: NotRestored[];
  readonly groups: Map<string, CopyInto & { readonly paths: HomePath[] }>;
}

/**
 * What to copy so that a path is again as it was. What is there and differs is replaced whole, and kept aside. Datasets
 * cannot be replaced: where one begins, on either side, the entries in it come back one by one, and what it has
 * besides stays.
 */
export async function planPutBack(what: PutBack, options: PutBackOptions): Promise<RestorePlan> {
  const walk: Walk = { ...options, steps: [], skipped: [], groups: new Map() };
  await putBack(what, walk);
  return { steps: walk.steps, skipped: walk.skipped };
}

async function putBack(what: PutBack, walk: Walk): Promise<void> {
  const { past, home, skipped, signal } = walk;
  const { path, inPast, inHome } = what;
  signal.throwIfAborted();
  const apart = whyApart(home, path);
  if (apart !== undefined) {
    if (apart !== null) skipped.push({ path, why: apart });
    return;
  }
  const [then, now] = [await entryAt(inPast), await entryAt(inHome)];
  if (then === null) return;
  if (then.kind === 'other') skipped.push({ path, why: 'it was no file, directory or symlink' });
  else if (!isText(inHome))
    skipped.push({ path, why: 'its name is no UTF-8: restore the folder that it is in' });
  else if (then.kind === 'directory' && (holdsDataset(past, path) || holdsDataset(home, path)))
    await putBackBelow(what, { then, now }, walk);
  else if (now === null || (await isDifferent(what, walk))) copy(what, walk);
}

async function putBackBelow(
  { path, inPast, inHome }: PutBack,
  { then, now }: { readonly then: Entry; readonly now: Entry | null },
  walk: Walk,
): Promise<void> {
  const { past, home, steps, skipped } = walk;
  if (now !== null && now.kind !== 'directory') {
    skipped.push({ path, why: `a ${now.kind} is in the way of a directory` });
    return;
  }
  if (now === null)
    steps.push({ kind: 'make', path, place: inHome.toString(), mode: (then.mode & 0o777) | 0o700 });
  for (const name of uniqueSorted([...(await namesIn(inPast)), ...mountNamesIn(past, path)])) {
    const below = pathIn(path, name);
    await putBack(
      {
        path: below,
        inPast: mountAt(past, below) ?? placeIn(inPast, name),
        inHome: mountAt(home, below) ?? placeIn(inHome, name),
      },
      walk,
    );
  }
}

/** Also where something cannot be compared. */
async function isDifferent(
  { path, inPast, inHome }: PutBack,
  { past, home, signal }: Walk,
): Promise<boolean> {
  const options: CompareOptions = { conflict: past, home, chosen: null, all: false, signal };
  for await (const _difference of compareAt({ path, inConflict: inPast, inHome }, options)) return true;
  return false;
}

/** Entries of one directory are copied together. */
function copy({ path, inPast, inHome }: PutBack, { steps, groups, label }: Walk): void {
  const [from, into] = [directoryOf(inPast), directoryOf(inHome).toString()];
  const group = groups.get(into);
  if (group !== undefined) {
    group.paths.push(path);
    return;
  }
  const step = {
    ...{ kind: 'copy' as const, from, into, paths: [path], replace: true, aside: label },
    beside: new Map<string, string>(),
  };
  groups.set(into, step);
  steps.push(step);
}
