import type { Difference } from './compare.ts';
import { directoryOf, isText, type HomePath } from './file-tree.ts';

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

/**
 * What to copy so that the target has what the conflict has. Nothing is removed, and nothing replaced unless
 * `overwrite` says so; a directory is never replaced by something else, nor anything by a directory. Pure.
 */
export function planRestore(
  differences: readonly Difference[],
  options: { readonly overwrite: boolean },
): RestorePlan {
  const steps: (MakeDirectory | CopyInto)[] = [];
  const skipped: NotRestored[] = [];
  const groups = new Map<string, CopyInto & { readonly paths: HomePath[] }>();
  const copy = (difference: Difference, replace: boolean): void => {
    const { path, inConflict, inHome } = difference;
    const [from, into] = [directoryOf(inConflict), directoryOf(inHome)];
    if (!isText(inHome)) {
      skipped.push({ path, why: noWord });
      return;
    }
    const key = `${from.toString('latin1')}\0${into.toString('latin1')}\0${String(replace)}`;
    const group = groups.get(key);
    if (group !== undefined) {
      group.paths.push(path);
      return;
    }
    const step = { kind: 'copy' as const, from, into: into.toString(), paths: [path], replace, aside: null };
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
        else if (conflict.kind !== 'directory' || below !== null) copy(difference, false);
        else if (!isText(inHome)) skipped.push({ path, why: noWord });
        else
          steps.push({ kind: 'make', path, place: inHome.toString(), mode: (conflict.mode & 0o777) | 0o700 });
        break;
      }
      case 'different': {
        const { conflict, home } = difference;
        if (conflict.kind === 'directory' && home.kind === 'directory') break;
        if (conflict.kind === 'directory' || home.kind === 'directory') {
          skipped.push({ path, why: `a ${home.kind} is in the way of a ${conflict.kind}` });
        } else if (conflict.kind === 'other' || home.kind === 'other') {
          skipped.push({ path, why: noPlainEntry });
        } else if (options.overwrite) copy(difference, true);
        else skipped.push({ path, why: 'it is there already, and differs: --overwrite replaces it' });
        break;
      }
    }
  }
  return { steps, skipped };
}
