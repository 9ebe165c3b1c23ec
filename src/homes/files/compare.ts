import { namesIn, uniqueSorted, weigh, type Below } from './directory.ts';
import { aspectsOf, entryAt, isGone, type Aspect, type Entry } from './entry.ts';
import {
  holdsMount,
  leadsTo,
  mountAt,
  mountNamesIn,
  pathIn,
  placeIn,
  whyApart,
  type FileTree,
  type HomePath,
} from './file-tree.ts';
import { sameContent } from './same-content.ts';

/** One path of both. */
export interface At {
  readonly path: HomePath;
  /** The absolute paths; where there is nothing on a side, that where it would be. */
  readonly inConflict: Buffer;
  readonly inHome: Buffer;
}

/** A path at which the conflict and the home are not the same. */
export type Difference =
  | (At & {
      readonly kind: 'only-conflict';
      readonly conflict: Entry;
      /** null: no directory, or what is in it follows one by one. */
      readonly below: Below | null;
    })
  | (At & { readonly kind: 'only-home'; readonly home: Entry; readonly below: Below | null })
  | (At & {
      readonly kind: 'different';
      readonly conflict: Entry;
      readonly home: Entry;
      readonly aspects: readonly Aspect[];
    })
  /** It could not be compared. */
  | (At & { readonly kind: 'unknown'; readonly why: string });

export interface CompareOptions {
  readonly conflict: FileTree;
  readonly home: FileTree;
  /** Paths of the conflict to compare, with what is below them; null: all. */
  readonly chosen: readonly HomePath[] | null;
  /** Tell what is in directories that only one side has, too. */
  readonly all: boolean;
  readonly signal: AbortSignal;
}

interface Place extends At {
  /** The file systems that the two sides are on there; null: it begins here. */
  readonly conflictDevice: bigint | null;
  readonly homeDevice: bigint | null;
}

/**
 * Where the two trees differ, sorted by path, one directory of each in memory at a time. No symlink is followed, and
 * no file system entered that is not one of the trees'. Files of one size and one time count as the same.
 */
export async function* compareTrees(options: CompareOptions): AsyncGenerator<Difference> {
  const path = Buffer.alloc(0);
  const [inConflict, inHome] = [mountAt(options.conflict, path), mountAt(options.home, path)];
  if (inConflict === null || inHome === null) throw new Error('a tree without its top');
  yield* compareAt({ path, inConflict, inHome }, options);
}

/** The same of one path, with what is below it; the two places need not be at that path. */
export async function* compareAt(at: At, options: CompareOptions): AsyncGenerator<Difference> {
  yield* comparePlace({ ...at, conflictDevice: null, homeDevice: null }, options);
}

async function* comparePlace(place: Place, options: CompareOptions): AsyncGenerator<Difference> {
  const { path, inConflict, inHome } = place;
  options.signal.throwIfAborted();
  const at: At = { path, inConflict, inHome };
  const apart = whyApart(options.home, path);
  if (apart !== undefined) {
    if (apart !== null) yield { ...at, kind: 'unknown', why: apart };
    return;
  }
  try {
    const [conflict, home] = [await entryAt(inConflict), await entryAt(inHome)];
    yield* compareEntries(conflict, home, place, options);
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    // What does not come from the file system is no finding.
    if (code === undefined || syscall === undefined) throw error;
    if (!isGone(error)) yield { ...at, kind: 'unknown', why: `it cannot be read: ${code}` };
  }
}

async function* compareEntries(
  conflict: Entry | null,
  home: Entry | null,
  place: Place,
  options: CompareOptions,
): AsyncGenerator<Difference> {
  const { path, inConflict, inHome, conflictDevice, homeDevice } = place;
  const at: At = { path, inConflict, inHome };
  const inner = { ...place, conflictDevice: conflict?.device ?? null, homeDevice: home?.device ?? null };
  if (conflict === null && home === null) return;
  const isForeign =
    (conflict !== null && conflictDevice !== null && conflict.device !== conflictDevice) ||
    (home !== null && homeDevice !== null && home.device !== homeDevice);
  if (isForeign) {
    yield { ...at, kind: 'unknown', why: 'another file system is mounted there' };
    return;
  }
  if (conflict !== null && home !== null) {
    const aspects = await knownAspects(conflict, home, at, options.signal);
    // On the way to a chosen path only what blocks it is told.
    const tell = path.length > 0 && (isChosen(path, options) || aspects.includes('kind'));
    if (tell && aspects.length > 0) yield { ...at, kind: 'different', conflict, home, aspects };
    if (conflict.kind === 'directory' && home.kind === 'directory') yield* compareBelow(inner, options);
    return;
  }
  const entry = conflict ?? home;
  if (entry === null) return;
  const tree = conflict === null ? options.home : options.conflict;
  const oneByOne =
    entry.kind === 'directory' && (options.all || holdsMount(tree, path) || !isChosen(path, options));
  const below =
    entry.kind !== 'directory' || oneByOne
      ? null
      : await weigh(conflict === null ? inHome : inConflict, entry.device);
  if (conflict !== null) yield { ...at, kind: 'only-conflict', conflict, below };
  else if (home !== null) yield { ...at, kind: 'only-home', home, below };
  if (oneByOne) yield* compareBelow(inner, options);
}

async function knownAspects(a: Entry, b: Entry, at: At, signal: AbortSignal): Promise<readonly Aspect[]> {
  const known: Aspect[] = [];
  for (const aspect of aspectsOf(a, b)) {
    if (aspect !== 'content-unknown') known.push(aspect);
    else if (!(await sameContent(at.inConflict, at.inHome, signal))) known.push('content');
  }
  return known;
}

async function* compareBelow(place: Place, options: CompareOptions): AsyncGenerator<Difference> {
  const { path } = place;
  for (const name of await namesBelow(place, options)) {
    const child = pathIn(path, name);
    const [conflictMount, homeMount] = [mountAt(options.conflict, child), mountAt(options.home, child)];
    yield* comparePlace(
      {
        path: child,
        inConflict: conflictMount ?? placeIn(place.inConflict, name),
        inHome: homeMount ?? placeIn(place.inHome, name),
        conflictDevice: conflictMount === null ? place.conflictDevice : null,
        homeDevice: homeMount === null ? place.homeDevice : null,
      },
      options,
    );
  }
}

/** The names of both sides, each once, in the order of their bytes; above a chosen path, the way to it alone. */
async function namesBelow(
  { path, inConflict, inHome }: Place,
  options: CompareOptions,
): Promise<readonly Buffer[]> {
  const { chosen } = options;
  const names =
    chosen === null || isChosen(path, options)
      ? [
          ...(await namesIn(inConflict)),
          ...(await namesIn(inHome)),
          ...mountNamesIn(options.conflict, path),
          ...mountNamesIn(options.home, path),
        ]
      : chosen.filter((one) => leadsTo(path, one)).map((one) => firstName(one, path));
  return uniqueSorted(names);
}

function firstName(path: HomePath, above: HomePath): Buffer {
  const rest = path.subarray(above.length === 0 ? 0 : above.length + 1);
  const slash = rest.indexOf('/');
  return slash < 0 ? rest : rest.subarray(0, slash);
}

function isChosen(path: HomePath, { chosen }: CompareOptions): boolean {
  return chosen === null || chosen.some((one) => leadsTo(one, path));
}
