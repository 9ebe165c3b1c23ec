import { pathText } from '../../homes/files/file-tree.ts';
import type { FileVersions } from '../../homes/history/find-versions.ts';
import type { HomeSnapshot, KnownSnapshot } from '../../homes/history/home-history.ts';
import type { RestoreOutcome } from '../../homes/history/restore-from-history.ts';
import { visible } from '../../log/visible.ts';
import { count } from '../../format/count.ts';
import { binarySize } from '../../format/size.ts';
import type { JsonDocument } from '../framework/context.ts';
import { plainPath } from './tree-diff.ts';
import { isoTime, localTime } from '../../format/time.ts';

const shown = (seconds: number): string => localTime(seconds * 1000);
const iso = (seconds: number): string => isoTime(seconds * 1000);

/** A table, the newest first. Pure. */
export function formatSnapshots(
  snapshots: readonly HomeSnapshot[],
  { names }: { readonly names: boolean },
): string {
  if (snapshots.length === 0) return 'there is no snapshot';
  const rows = snapshots.map((one) => [
    shown(one.creation),
    one.macName ?? '-',
    binarySize(one.bytes),
    whereOf(one),
    ...(names ? [one.name] : []),
  ]);
  return formatRows([['WHEN', 'MAC', 'CHANGES', 'WHERE', ...(names ? ['NAME'] : [])], ...rows], [2]);
}

function whereOf({ here, onServer }: HomeSnapshot): string {
  const places = [
    ...(here === 'none' ? [] : [here === 'all' ? 'here' : 'partly here']),
    ...(onServer === 'none' ? [] : [onServer === 'all' ? 'server' : 'partly server']),
  ];
  return places.join(', ');
}

/** Columns side by side; those of `right` flush right. */
function formatRows(rows: readonly (readonly string[])[], right: readonly number[]): string {
  const widths = (rows[0] ?? []).map((_cell, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          right.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The same for programs, times in ISO 8601, sizes in bytes. Pure. */
export function snapshotsToJson(snapshots: readonly HomeSnapshot[]): JsonDocument {
  const plain = snapshots.map(({ creation, bytes, ...one }) => ({
    ...one,
    time: iso(creation),
    changedBytes: bytes,
  }));
  return { snapshots: plain };
}

/** A line for each version, and what only the server knows. Pure. */
export function formatVersions({ versions, onServerOnly }: FileVersions, user: string): string {
  const rows = versions.map(({ first, last, entry }) => [
    shown(Number(entry.mtimeNs / 1_000_000_000n)),
    entry.kind === 'file' ? binarySize(entry.bytes) : entry.kind,
    first === last ? shown(first.creation) : `${shown(first.creation)} to ${shown(last.creation)}`,
  ]);
  const table = formatRows([['CHANGED', 'SIZE', 'IN THE SNAPSHOTS OF'], ...rows], [1]);
  if (onServerOnly === 0) return table;
  const are = onServerOnly === 1 ? 'is' : 'are';
  return `${table}\n${count(onServerOnly, 'more snapshot')} ${are} on the server only, and may hold others: roamhome snapshots ${user}`;
}

/** The same for programs. Pure. */
export function versionsToJson({ versions, onServerOnly }: FileVersions): JsonDocument {
  const plain = versions.map(({ first, last, entry }) => ({
    kind: entry.kind,
    bytes: entry.bytes,
    modified: iso(Number(entry.mtimeNs / 1_000_000n) / 1000),
    ...(entry.target === null ? {} : { target: pathText(entry.target) }),
    first: plainSnapshot(first),
    last: plainSnapshot(last),
  }));
  return { versions: plain, snapshotsOnServerOnly: onServerOnly };
}

const plainSnapshot = ({ short, creation, here }: KnownSnapshot) => ({
  name: short,
  time: iso(creation),
  from: here === null ? 'server' : 'here',
});

/** Which snapshots a restore takes, the one that matters first. Pure. */
export function describeChosen(chosen: readonly KnownSnapshot[]): string {
  const [first] = chosen;
  if (first === undefined) return 'nothing of it was snapshotted then';
  const fetched = chosen.some(({ here }) => here === null)
    ? '; this Mac does not have it (any more): it is brought from the server'
    : '';
  return `as of ${shown(first.creation)} (${first.short})${fetched}`;
}

/** What the present version is called once something restored has its place; colons are no part of a name on a Mac. Pure. */
export function asideLabel(now: Date): string {
  const seconds = String(now.getSeconds()).padStart(2, '0');
  return `before restoring ${localTime(now.getTime()).replace(':', '.')}.${seconds}`;
}

/** A line for what came back, and one for each version that was kept. Pure. */
export function formatRestored({ restored, skipped, failed, kept, target }: RestoreOutcome): string {
  const left = skipped.length + failed.length;
  const rest = left === 0 ? '' : `, ${left} not restored`;
  if (restored.length + left === 0) return `nothing to restore: ${visible(target)} is as it was`;
  return [
    `restored ${visible(target)}${restored.length === 1 ? '' : ` (${count(restored.length, 'path')})`}${rest}`,
    ...kept.map(({ path, as }) => `what was there is kept: ${visible(pathText(path))} as ${visible(as)}`),
  ].join('\n');
}

/** The same for programs. Pure. */
export function restoredToJson(outcome: RestoreOutcome, chosen: readonly KnownSnapshot[]): JsonDocument {
  const { restored, skipped, failed, kept, target, leftBehind, warnings } = outcome;
  return {
    snapshots: chosen.map(plainSnapshot),
    ...{ target, warnings, leftBehind },
    restored: restored.map(plainPath),
    kept: kept.map(({ path, as }) => ({ ...plainPath(path), as })),
    skipped: skipped.map(({ path, why }) => ({ ...plainPath(path), why })),
    failed: failed.map(({ path, why }) => ({ ...plainPath(path), why })),
  };
}
