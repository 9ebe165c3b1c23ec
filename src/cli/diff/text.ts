import type { PastHome } from '../../homes/history/choose-snapshots.ts';
import type { HistoryDiff, PathChange } from '../../homes/history/diff-history.ts';
import { visible } from '../../log/visible.ts';
import { isoTime } from '../../format/time.ts';
import { binarySize } from '../../format/size.ts';
import type { JsonDocument } from '../framework/context.ts';

const signs: Readonly<Record<PathChange['change'], string>> = {
  added: '+',
  removed: '-',
  modified: '~',
  renamed: '>',
};

/** A line for each path, `+` new, `-` gone, `~` changed, `>` renamed; then how many of each. Pure. */
export function formatHistoryDiff({ changes, notCompared }: HistoryDiff): string {
  const lines = changes.map((one) => `${signs[one.change]} ${named(one)}${sizes(one)}`);
  const left = notCompared.map((path) => `? ${visible(path)}/  (no snapshot of it then: not compared)`);
  const counts = (Object.keys(signs) as PathChange['change'][]).map(
    (change) => `${signs[change]} ${changes.filter((one) => one.change === change).length} ${change}`,
  );
  return [...lines, ...left, changes.length === 0 ? 'nothing changed' : counts.join(', ')].join('\n');
}

function named({ type, path, to }: PathChange): string {
  const shown = (one: string | null): string =>
    `${one === null ? '(a name that is no UTF-8)' : visible(one === '' ? '.' : one)}${type === 'directory' ? '/' : type === 'symlink' ? '@' : ''}`;
  return to === null ? shown(path) : `${shown(path)} → ${shown(to)}`;
}

function sizes({ before, after }: PathChange): string {
  if (before === null && after === null) return '';
  if (before === null || after === null || before === after) return `  (${binarySize(after ?? before ?? 0)})`;
  return `  (${binarySize(before)} → ${binarySize(after)})`;
}

/** The same for programs. Pure. */
export function historyDiffToJson(
  { changes, notCompared }: HistoryDiff,
  { since, until }: { readonly since: PastHome; readonly until: PastHome | null },
): JsonDocument {
  const snapshots = (past: PastHome | null) =>
    past === null
      ? null
      : [...past].map(([path, { short, creation }]) => ({
          ...{ dataset: path, name: short, time: isoTime(creation * 1000) },
        }));
  return { from: snapshots(since), until: snapshots(until), changes, notCompared };
}
