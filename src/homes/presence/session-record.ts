import { ago, localTime } from '../../format/time.ts';
import { shortNameOf } from '../../zfs/names.ts';
import type { Snapshot } from '../../zfs/version.ts';
import type { HomeState } from '../../sync/home-state.ts';
import { sessionProperty } from '../../sync/properties.ts';
import { parseSnapshotName } from '../../sync/snapshot-name.ts';

/** Which machine a session is on. Names are given twice, as to two Macs of one disk image, and change; ids do not. */
export interface MachineIdentity {
  readonly macName: string;
  /** null: it is not known. */
  readonly machineId: string | null;
}

/** Who says to be logged in, as the server has it. `unknown`: there is a record, but not one that can be read. */
export type SessionRecord =
  | ({ readonly kind: 'known'; readonly since: Date } & MachineIdentity)
  | { readonly kind: 'unknown'; readonly value: string };

const recordPattern = /^([A-Za-z0-9_][A-Za-z0-9_.-]*),(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)(?:,([0-9a-f]{8}))?$/;

/** Reads the property's value as zfs shows it; null: nobody is logged in. Any text is an answer, none an error. Pure. */
export function parseSessionRecord(value: string): SessionRecord | null {
  if (value === '-' || value === '') return null;
  const [, macName, time, machineId = null] = recordPattern.exec(value) ?? [];
  const since = new Date(time ?? Number.NaN);
  if (macName === undefined || Number.isNaN(since.getTime())) return { kind: 'unknown', value };
  return { kind: 'known', macName, since, machineId };
}

/** `mac7,2026-11-20T06:45:00Z,5f3a9c1e`: a word that every restricted shell lets through. Pure. */
export function formatSessionRecord({ macName, machineId }: MachineIdentity, since: Date): string {
  const id = machineId === null ? '' : `,${machineId}`;
  return `${macName},${since.toISOString().slice(0, 19)}Z${id}`;
}

/** The record of a home as it was observed on the server; null: none, or no such home. Pure. */
export function sessionRecordOf(server: HomeState | null): SessionRecord | null {
  const root = server?.datasets.find(({ name }) => name === server.root);
  return parseSessionRecord(root?.properties[sessionProperty] ?? '-');
}

/**
 * The newest snapshot of the session of a record among those that the server has of a home; null: nothing of that session has
 * arrived. By the Mac's name in the snapshot's and by the Mac's clock, which are for people alone. Pure.
 */
export function arrivedOf(
  record: SessionRecord | null,
  datasets: readonly { readonly snapshots: readonly Snapshot[] }[],
): Snapshot | null {
  if (record?.kind !== 'known') return null;
  const { macName, since } = record;
  let newest: Snapshot | null = null;
  for (const { snapshots } of datasets)
    for (const snapshot of snapshots) {
      const isOfIt =
        snapshot.creation * 1000 >= since.getTime() &&
        parseSnapshotName(shortNameOf(snapshot.name))?.macName === macName;
      if (isOfIt && snapshot.creation >= (newest?.creation ?? 0)) newest = snapshot;
    }
  return newest;
}

/** The record unless it is this Mac's own: another's, or nobody knows whose. Pure. */
export function othersRecord(record: SessionRecord | null, own: MachineIdentity): SessionRecord | null {
  return record?.kind === 'known' && isOwn(record, own) ? null : record;
}

function isOwn(record: MachineIdentity, own: MachineIdentity): boolean {
  return record.machineId === null || own.machineId === null
    ? record.macName === own.macName
    : record.machineId === own.machineId;
}

/**
 * `alice is logged in on mac-b since 2026-11-20 07:45 (1 h ago)`, in this machine's time. `own`: for one who may have to tell
 * two machines of its own name apart. Pure.
 */
export function describeSession(
  user: string,
  record: SessionRecord,
  now: Date,
  own: MachineIdentity | null = null,
): string {
  if (record.kind === 'unknown') {
    return `the server's record of where ${user} is logged in cannot be read: ${JSON.stringify(record.value.slice(0, 100))}`;
  }
  const { macName, since } = record;
  const where = isNamesake(record, own) ? `another machine that is named ${macName} too,` : macName;
  return `${user} is logged in on ${where} since ${localTime(since.getTime())} (${ago(now.getTime() - since.getTime())})`;
}

/** True for another machine's record that has this one's name. Pure. */
export function isNamesake(record: SessionRecord, own: MachineIdentity | null): boolean {
  return own !== null && record.kind === 'known' && record.macName === own.macName && !isOwn(record, own);
}

/** How to end that. */
export const renameRemedy = 'Give one of the two another local.macName.';
