import {
  snapshotsOf,
  usedBytes,
  type ConflictDetails,
  type ConflictSide,
} from '../../homes/conflicts/conflict-details.ts';
import type { ListedConflict } from '../../homes/conflicts/list-conflicts.ts';
import { binarySize } from '../../format/size.ts';
import { isoTime, localTime } from '../../format/time.ts';
import type { JsonDocument } from '../framework/context.ts';

/** Two lines for each: what and since when, then where. Pure. */
export function formatConflicts(
  conflicts: readonly ListedConflict[],
  { isServer = false }: { readonly isServer?: boolean } = {},
): string {
  if (conflicts.length === 0) return 'nothing is set aside';
  return conflicts
    .map(({ name, user, onMac, onServer, since, newest }) =>
      [
        `${name}: of ${user}, ${periodOf(since, newest)}`,
        ...(onMac === null ? [] : [`    this Mac: ${onMac}`]),
        ...(onServer === null ? [] : [`    ${isServer ? 'here:    ' : 'server:  '} ${onServer}`]),
      ].join('\n'),
    )
    .join('\n');
}

/** The same for programs, times in ISO 8601. Pure. */
export function conflictsToJson(conflicts: readonly ListedConflict[]): JsonDocument {
  const plain = conflicts.map((one) => ({
    ...one,
    ...{ since: isoOrNull(one.since), newest: isoOrNull(one.newest) },
  }));
  return { conflicts: plain };
}

/** All about one conflict, and what can be done with it. Pure. */
export function formatDetails(
  details: ConflictDetails,
  { isServer = false }: { readonly isServer?: boolean } = {},
): string {
  const { name, user, macName, since, newest, onMac, onServer } = details;
  return [
    name,
    `  of ${user}${macName === null ? '' : `, made on ${macName}`}, ${periodOf(since, newest)}`,
    ...(isServer ? [] : formatSide('this Mac', onMac)),
    ...formatSide(isServer ? 'here' : 'server', onServer),
    '',
    ...(isServer ? [`roamhome conflicts discard ${name}`] : nextCommands(details)),
  ].join('\n');
}

function formatSide(place: string, side: ConflictSide | null): readonly string[] {
  if (side === null) return [`  ${place}: not there`];
  return [
    `  ${place}: ${side.dataset}, ${binarySize(usedBytes(side))} of its own`,
    ...side.datasets.flatMap(({ name, snapshots, properties }) => [
      `    ${name}${properties['origin'] === '-' ? '' : `, from ${properties['origin'] ?? '-'}`}`,
      ...snapshots.map(
        ({ name: snapshot, creation, written }) =>
          `      ${snapshot.slice(snapshot.indexOf('@'))}  ${shown(creation)}, ${binarySize(Number(written))}`,
      ),
    ]),
  ];
}

/** What there is to be done with it. Pure. */
function nextCommands({ name, onMac, onServer }: ConflictDetails): readonly string[] {
  const fetched = onMac === null ? ' (brings it to this Mac first)' : '';
  return [
    `roamhome conflicts diff ${name}${fetched}`,
    `roamhome conflicts restore ${name} PATH…, or --all`,
    ...(onMac === null ? [] : [`roamhome conflicts discard ${name}`]),
    ...(onServer === null ? [] : [`on the server, as root: ${serverDiscard(name)}`]),
  ];
}

/** Macs may not remove anything from the server. */
export function serverDiscard(name: string): string {
  return `roamhome conflicts discard ${name} --server`;
}

/** Details for programs: sizes in bytes, times in ISO 8601. Pure. */
export function detailsToJson(
  details: ConflictDetails,
  { isServer = false }: { readonly isServer?: boolean } = {},
): JsonDocument {
  const { onMac, onServer, since, newest, ...plain } = details;
  return {
    ...plain,
    ...{ since: isoOrNull(since), newest: isoOrNull(newest) },
    ...{ onMac: plainSide(onMac), onServer: plainSide(onServer) },
    next: isServer ? [`roamhome conflicts discard ${details.name}`] : nextCommands(details),
  };
}

function plainSide(side: ConflictSide | null): unknown {
  if (side === null) return null;
  const datasets = side.datasets.map(({ name, properties, snapshots }) => ({
    name,
    origin: properties['origin'] === '-' ? null : (properties['origin'] ?? null),
    snapshots: snapshots.map(({ name: snapshot, guid, creation, written }) => ({
      ...{ name: snapshot, guid, creation: iso(creation), writtenBytes: Number(written) },
    })),
  }));
  return { dataset: side.dataset, usedBytes: usedBytes(side), snapshots: snapshotsOf(side).length, datasets };
}

function periodOf(since: number | null, newest: number | null): string {
  if (since === null || newest === null) return 'no snapshot yet: its first transfer was interrupted';
  return `${shown(since)} to ${shown(newest)}`;
}

function isoOrNull(seconds: number | null): string | null {
  return seconds === null ? null : iso(seconds);
}

function shown(seconds: number): string {
  return localTime(seconds * 1000);
}

function iso(seconds: number): string {
  return isoTime(seconds * 1000);
}
