import type { AddOutcome, AddReport } from '../../homes/excluded/add-folders.ts';
import type { Sent } from '../../homes/excluded/home-at-rest.ts';
import type { ShownFolder } from '../../homes/excluded/list-folders.ts';
import type { RemoveReport } from '../../homes/excluded/remove-folders.ts';
import { binarySize } from '../../format/size.ts';
import { visible } from '../../log/visible.ts';
import type { JsonDocument } from '../framework/context.ts';

const added: Readonly<Record<AddOutcome, string>> = {
  moved: 'excluded; what was in it is on this Mac alone now',
  already: 'is excluded already',
  listed: 'excluded; the home has no such folder yet: the next login makes it',
};

/** A line for each folder, and whether the server knows. Pure. */
export function formatAdded(report: AddReport): string {
  return [
    ...report.folders.map(({ path, outcome }) => `${visible(path)}: ${added[outcome]}`),
    ...rest(report),
  ].join('\n');
}

/** Pure. */
export function formatRemoved(report: RemoveReport): string {
  const lines = report.folders.map(({ path, as }) => {
    if (as === null) return `${visible(path)}: not excluded any more; this Mac had nothing of it`;
    return as === path
      ? `${visible(path)}: back in the home`
      : `${visible(path)}: the home has files there; what was excluded is beside it: ${visible(as)}`;
  });
  return [...lines, ...rest(report)].join('\n');
}

function rest({ pending }: Sent): readonly string[] {
  return pending ? ['the change could not be sent yet; it is pending, nothing is lost'] : [];
}

/** One line a folder. Pure. */
export function formatFolders(found: readonly ShownFolder[], { user }: { readonly user: string }): string {
  if (found.length === 0) return `nothing of ${user}'s home is excluded`;
  const shown = found.map(
    (folder) => [folder.path === null ? '?' : visible(folder.path), describe(folder)] as const,
  );
  const width = Math.min(40, Math.max(...shown.map(([path]) => path.length)));
  return shown.map(([path, words]) => `${path.padEnd(width)}  ${words}`).join('\n');
}

function describe({ here, onList, usedBytes, mounted, dataset }: ShownFolder): string {
  const size = `${binarySize(usedBytes)} on this Mac`;
  if (here === 'none') return 'not on this Mac: the next login makes it';
  if (here === 'incomplete') return 'not complete: run `roamhome exclude add` again';
  if (onList === false) return `not on the list any more; ${size}, kept in ${dataset ?? '?'}`;
  return mounted ? `${size}, mounted` : size;
}

/** Pure. */
export function foldersToJson(found: readonly ShownFolder[]): JsonDocument {
  return { folders: found };
}

/** What an add or a remove did. Pure. */
export function changeToJson(report: AddReport | RemoveReport): JsonDocument {
  return { ...report };
}
