import { asideName } from './aside-name.ts';
import { aspectsOf, entryAt } from './entry.ts';
import { directoryOf, isText, nameOf, placeIn, type HomePath } from './file-tree.ts';
import type { At, Difference } from './compare.ts';
import { sameContent } from './same-content.ts';

/** By the path in bytes: the name beside it for the conflict's version; null: that version is there already. */
export type Besides = ReadonlyMap<string, string | null>;

/** The key of a path among those. Bytes that are no UTF-8 stay apart. */
export const besideKey = (path: HomePath): string => path.toString('latin1');

/** The two differ in what they hold, and both can lie side by side. Pure. */
function wantsBeside(difference: Difference): boolean {
  if (difference.kind !== 'different' || !isText(difference.inHome)) return false;
  const { conflict, home, aspects } = difference;
  // A directory may be here only because it is on the way to a chosen path.
  const canCopy = conflict.kind === 'file' || conflict.kind === 'symlink';
  return canCopy && home.kind !== 'other' && aspects.some((one) => one !== 'mode' && one !== 'owner');
}

/**
 * A name for each version of the conflict that is to lie beside the home's: the first that is free, or has that very version already, so that
 * a second run adds nothing. Only reads.
 */
export async function chooseBesides(
  differences: readonly Difference[],
  label: string,
  signal: AbortSignal,
): Promise<Besides> {
  const chosen = new Map<string, string | null>();
  const taken = new Set(differences.map(({ inHome }) => besideKey(inHome)));
  for (const difference of differences) {
    if (!wantsBeside(difference)) continue;
    const name = await freeName(difference, { label, taken, signal });
    chosen.set(besideKey(difference.path), name);
    if (name !== null) taken.add(besideKey(besideOf(difference, name)));
  }
  return chosen;
}

interface Naming {
  readonly label: string;
  readonly taken: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

async function freeName(at: At, { label, taken, signal }: Naming): Promise<string | null> {
  for (let count = 1; ; count++) {
    signal.throwIfAborted();
    const name = asideName(nameOf(at.inHome).toString(), count === 1 ? label : `${label} ${count}`);
    const place = besideOf(at, name);
    const there = await entryAt(place);
    if (there === null && !taken.has(besideKey(place))) return name;
    const mine = await entryAt(at.inConflict);
    if (there === null || mine === null) continue;
    const aspects = aspectsOf(mine, there).filter((one) => one !== 'mode' && one !== 'owner');
    const rest = aspects.filter((one) => one !== 'content-unknown');
    if (rest.length > 0) continue;
    if (aspects.length === 0 || (await sameContent(at.inConflict, place, signal))) return null;
  }
}

function besideOf({ inHome }: At, name: string): Buffer {
  return placeIn(directoryOf(inHome), Buffer.from(name));
}
