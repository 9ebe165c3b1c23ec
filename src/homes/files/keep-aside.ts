import { isRoamhomeError } from '../../errors/errors.ts';
import type { Argv } from '../../host/host.ts';
import { asideName } from './aside-name.ts';
import type { CopyParts, Staged } from './copy-entries.ts';
import { failed as failure } from './copy-failure.ts';
import { entryAt } from './entry.ts';
import { nameOf, type HomePath } from './file-tree.ts';
import type { NotRestored } from './restore-plan.ts';

/** The version of an entry that something else takes the place of, and the name beside it that it has now. */
export interface KeptAside {
  readonly path: HomePath;
  readonly as: string;
}

interface Aside {
  /** What may be put in place. */
  readonly ready: readonly HomePath[];
  readonly kept: readonly KeptAside[];
  readonly failed: readonly NotRestored[];
}

/**
 * Keeps what is at the places of a step under other names beside them, where the step wants that: a file gets a
 * second name, so that its place is never empty; what can have only one, as a directory, is renamed. Never over anything.
 */
export async function keepAside({ step, stage }: Staged, parts: CopyParts): Promise<Aside> {
  const { paths, into, aside: label } = step;
  if (label === null) return { ready: paths, kept: [], failed: [] };
  const ready: HomePath[] = [];
  const kept: KeptAside[] = [];
  const failed: NotRestored[] = [];
  for (const path of paths) {
    const name = nameOf(path).toString();
    const as = asideName(name, label);
    try {
      const isThere = await keepOne(
        { place: `${into}/${name}`, kept: `${into}/${as}`, next: `${stage}/${name}` },
        parts,
      );
      if (isThere) kept.push({ path, as });
      ready.push(path);
    } catch (error) {
      if (!isRoamhomeError(error)) throw error;
      failed.push({ path, why: error.message });
    }
  }
  return { ready, kept, failed };
}

interface Places {
  readonly place: string;
  readonly kept: string;
  readonly next: string;
}

/** False: there is nothing to keep. */
async function keepOne({ place, kept, next }: Places, { writer, signal }: CopyParts): Promise<boolean> {
  const at = (path: string) => entryAt(Buffer.from(path));
  const present = await at(place);
  if (present === null) return false;
  const canLink = present.kind !== 'directory' && (await at(next))?.kind !== 'directory';
  if (canLink && (await writer.run(['ln', '-P', place, kept], { signal })).exitCode === 0) return true;
  // Also where a file may have no second name: of another's file, or on a file system without.
  const argv: Argv = ['mv', '-n', place, kept];
  const result = await writer.run(argv, { signal });
  if (result.exitCode !== 0) throw failure(argv, result);
  // mv -n says nothing where it finds the name taken.
  if ((await at(place)) !== null) throw failure(argv, { ...result, stderr: `${kept} is there already` });
  return true;
}

/** Gives those their places again for which nothing came after all; what stays aside is returned. Without a signal: an abort ends the work, not this. */
export async function putBack(
  kept: readonly KeptAside[],
  { step, left }: { readonly step: Staged['step']; readonly left: ReadonlyMap<string, string> },
  { writer }: CopyParts,
): Promise<readonly KeptAside[]> {
  const staying: KeptAside[] = [];
  for (const one of kept) {
    const name = nameOf(one.path);
    const [from, to] = [`${step.into}/${one.as}`, `${step.into}/${name.toString()}`];
    if (left.has(name.toString('latin1'))) await writer.run(['mv', '-n', from, to]);
    if ((await entryAt(Buffer.from(from))) !== null) staying.push(one);
  }
  return staying;
}
