import type { Difference } from './compare.ts';
import { besideKey, type Besides } from './beside.ts';
import { directoryOf, isText, nameOf, type HomePath } from './file-tree.ts';

/** Makes a directory that the target lacks, with the mode that it has in the conflict, and writable. */
interface MakeDirectory {
  readonly kind: 'make';
  readonly path: HomePath;
  readonly place: string;
  readonly mode: number;
}

/** Copies entries of one directory into the same directory of the target. */
export interface CopyInto {
  readonly kind: 'copy';
  readonly from: Buffer;
  readonly into: string;
  readonly paths: readonly HomePath[];
  /** Over what is there; else only what is not there. */
  readonly replace: boolean;
  /** What is replaced is kept beside it, with this in its name; null: it is not. */
  readonly aside: string | null;
  /** By their own names: those that get another name there, beside what is at their place. */
  readonly beside: ReadonlyMap<string, string>;
}

/** The name that an entry of a step gets in the directory. Pure. */
export function placedName({ beside }: CopyInto, path: HomePath): string {
  const name = nameOf(path).toString();
  return beside.get(name) ?? name;
}

/** What is not restored, and why. */
export interface NotRestored {
  readonly path: HomePath;
  readonly why: string;
}

export interface RestorePlan {
  readonly steps: readonly (MakeDirectory | CopyInto)[];
  readonly skipped: readonly NotRestored[];
}

const noWord = 'its name is no UTF-8; with --to an empty folder, --all copies it too';
const noPlainEntry = 'it is no file, directory or symlink';

export interface RestoreWishes {
  /** The conflict's version takes the place of the other, which is kept beside it. */
  readonly overwrite: boolean;
  /** For the name of what is replaced. */
  readonly label: string;
  /** The names of versions that come to lie beside what is there. */
  readonly besides: Besides;
}

interface Way {
  readonly replace: boolean;
  readonly aside: string | null;
  /** Another name than its own. */
  readonly as: string | null;
}

const asItIs: Way = { replace: false, aside: null, as: null };

/**
 * What to copy so that the target has what the conflict has. Nothing is removed. Where both have something else, both are there
 * afterwards, side by side; a directory is never replaced by something else, nor anything by a directory. Pure.
 */
export function planRestore(differences: readonly Difference[], wishes: RestoreWishes): RestorePlan {
  const { overwrite, label, besides } = wishes;
  const steps: (MakeDirectory | CopyInto)[] = [];
  const skipped: NotRestored[] = [];
  const groups = new Map<
    string,
    CopyInto & { readonly paths: HomePath[]; readonly beside: Map<string, string> }
  >();
  const copy = (difference: Difference, { replace, aside, as }: Way): void => {
    const { path, inConflict, inHome } = difference;
    const [from, into] = [directoryOf(inConflict), directoryOf(inHome)];
    if (!isText(inHome)) {
      skipped.push({ path, why: noWord });
      return;
    }
    const key = `${from.toString('latin1')}\0${into.toString('latin1')}\0${String(replace)}\0${aside ?? ''}\0${String(as !== null)}`;
    const group = groups.get(key);
    if (group !== undefined) {
      group.paths.push(path);
      if (as !== null) group.beside.set(nameOf(path).toString(), as);
      return;
    }
    const beside = new Map(as === null ? [] : [[nameOf(path).toString(), as]]);
    const step = {
      ...{ kind: 'copy' as const, from, into: into.toString(), paths: [path] },
      ...{ replace, aside, beside },
    };
    groups.set(key, step);
    steps.push(step);
  };
  for (const difference of differences) {
    const { path } = difference;
    switch (difference.kind) {
      case 'only-home':
        break;
      case 'unknown':
        skipped.push({ path, why: difference.why });
        break;
      case 'only-conflict': {
        const { conflict, below, inHome } = difference;
        if (conflict.kind === 'other') skipped.push({ path, why: noPlainEntry });
        else if (conflict.kind !== 'directory' || below !== null) copy(difference, asItIs);
        else if (!isText(inHome)) skipped.push({ path, why: noWord });
        else
          steps.push({ kind: 'make', path, place: inHome.toString(), mode: (conflict.mode & 0o777) | 0o700 });
        break;
      }
      case 'different': {
        const { conflict, home, aspects } = difference;
        const isBlocked = conflict.kind === 'directory' || home.kind === 'directory';
        const as = besides.get(besideKey(path));
        if (conflict.kind === 'directory' && home.kind === 'directory') break;
        if (conflict.kind === 'other' || home.kind === 'other') skipped.push({ path, why: noPlainEntry });
        else if (overwrite && !isBlocked) {
          const holdsOther = aspects.some((one) => one !== 'mode' && one !== 'owner');
          copy(difference, { replace: true, aside: holdsOther ? label : null, as: null });
        } else if (as !== undefined) {
          if (as !== null) copy(difference, { replace: false, aside: null, as });
        } else if (isBlocked) {
          skipped.push({ path, why: `a ${home.kind} is in the way of a ${conflict.kind}` });
        } else if (!isText(difference.inHome)) skipped.push({ path, why: noWord });
        else skipped.push({ path, why: 'only its mode or owner differs: --overwrite restores those' });
        break;
      }
    }
  }
  return { steps, skipped };
}
