import type { ListedConflict } from '../session/list-conflicts.ts';

/** Two lines for each: what and since when, then where. Pure. */
export function formatConflicts(conflicts: readonly ListedConflict[]): string {
  if (conflicts.length === 0) return 'nothing is set aside';
  return conflicts
    .map(({ name, user, onMac, onServer, since, newest }) =>
      [
        `${name}: of ${user}, ${instant(since)} to ${instant(newest)}`,
        ...(onMac === null ? [] : [`    this Mac: ${onMac}`]),
        ...(onServer === null ? [] : [`    server:   ${onServer}`]),
      ].join('\n'),
    )
    .join('\n');
}

/** In UTC, as in the names of snapshots. */
function instant(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
