import type { Difference } from '../../homes/files/compare.ts';
import type { Below } from '../../homes/files/directory.ts';
import type { Entry } from '../../homes/files/entry.ts';
import { isText, pathText } from '../../homes/files/file-tree.ts';
import { visible } from '../../log/visible.ts';
import { count } from '../../format/count.ts';
import { binarySize } from '../../format/size.ts';
import { localTime } from '../../format/time.ts';

/** One line for people: + only in the conflict, - only in the home, ~ different, ? not compared. Pure. */
export function formatDifference(difference: Difference): string {
  const path = visible(pathText(difference.path));
  switch (difference.kind) {
    case 'only-conflict':
      return `+ ${path}${mark(difference.conflict)}  (${shown(difference.conflict, difference.below)})`;
    case 'only-home':
      return `- ${path}${mark(difference.home)}  (${shown(difference.home, difference.below)})`;
    case 'different': {
      const { conflict, home, aspects } = difference;
      return `~ ${path}  (${aspects.join(', ')}: conflict ${shown(conflict, null)}; home ${shown(home, null)})`;
    }
    case 'unknown':
      return `? ${path}  (${visible(difference.why)})`;
  }
}

const mark = ({ kind }: Entry): string => (kind === 'directory' ? '/' : kind === 'symlink' ? '@' : '');

function shown({ kind, bytes, mode, uid, gid, mtimeNs }: Entry, below: Below | null): string {
  if (below !== null) return `${count(below.files, 'file')}, ${binarySize(below.bytes)}`;
  const what = kind === 'file' ? binarySize(bytes) : kind;
  return `${what}, ${localTime(Number(mtimeNs / 1_000_000n))}, ${octal(mode)} ${uid}:${gid}`;
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');

/** How many there are of each kind; the legend of what is above it. Pure. */
export function formatCounts(counts: ReadonlyMap<Difference['kind'], number>): string {
  const of = (kind: Difference['kind']): number => counts.get(kind) ?? 0;
  if (counts.size === 0) return 'no difference: the home has all that the conflict has';
  const unknown = of('unknown') === 0 ? [] : [`? ${of('unknown')} not compared`];
  return [
    `+ ${of('only-conflict')} only in the conflict`,
    `- ${of('only-home')} only in the home`,
    `~ ${of('different')} different`,
    ...unknown,
  ].join(', ');
}

/** A difference for programs. Pure. */
export function plainDifference(difference: Difference): unknown {
  const { kind, path } = difference;
  const named = { ...plainPath(path), kind };
  switch (difference.kind) {
    case 'only-conflict':
      return { ...named, conflict: plainEntry(difference.conflict), below: difference.below };
    case 'only-home':
      return { ...named, home: plainEntry(difference.home), below: difference.below };
    case 'different': {
      const { conflict, home, aspects } = difference;
      return { ...named, aspects, conflict: plainEntry(conflict), home: plainEntry(home) };
    }
    case 'unknown':
      return { ...named, why: difference.why };
  }
}

/** A path as text; what is no UTF-8 also as its bytes. */
export function plainPath(path: Buffer): { readonly path: string; readonly pathBase64?: string } {
  return { path: pathText(path), ...(isText(path) ? {} : { pathBase64: path.toString('base64') }) };
}

function plainEntry({ kind, bytes, mtimeNs, mode, uid, gid, target }: Entry): unknown {
  const modified = new Date(Number(mtimeNs / 1_000_000n)).toISOString();
  const leadsTo = target === null ? {} : { target: pathText(target) };
  return { kind, bytes, modified, mode: octal(mode), uid, gid, ...leadsTo };
}
