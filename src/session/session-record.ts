import { ago, localTime } from '../format/time.ts';
import type { HomeState } from '../replication/home-state.ts';
import { sessionProperty } from '../replication/properties.ts';

/** Who says to be logged in, as the server has it. `unknown`: there is a record, but not one that can be read. */
export type SessionRecord =
  | { readonly kind: 'known'; readonly macName: string; readonly since: Date }
  | { readonly kind: 'unknown'; readonly value: string };

const recordPattern = /^([A-Za-z0-9_][A-Za-z0-9_.-]*),(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/;

/** Reads the property's value as zfs shows it; null: nobody is logged in. Any text is an answer, none an error. Pure. */
export function parseSessionRecord(value: string): SessionRecord | null {
  if (value === '-' || value === '') return null;
  const [, macName, time] = recordPattern.exec(value) ?? [];
  const since = new Date(time ?? Number.NaN);
  if (macName === undefined || Number.isNaN(since.getTime())) return { kind: 'unknown', value };
  return { kind: 'known', macName, since };
}

/** `mac7,2026-11-20T06:45:00Z`: a word that every restricted shell lets through. Pure. */
export function formatSessionRecord(macName: string, since: Date): string {
  return `${macName},${since.toISOString().slice(0, 19)}Z`;
}

/** The record of a home as it was observed on the server; null: none, or no such home. Pure. */
export function sessionRecordOf(server: HomeState | null): SessionRecord | null {
  const root = server?.datasets.find(({ name }) => name === server.root);
  return parseSessionRecord(root?.properties[sessionProperty] ?? '-');
}

/** The record unless it is this Mac's own: another's, or nobody knows whose. Pure. */
export function othersRecord(record: SessionRecord | null, macName: string): SessionRecord | null {
  return record?.kind === 'known' && record.macName === macName ? null : record;
}

/** `alice is logged in on mac-b since 2026-11-20 07:45 (1 h ago)`, in this machine's time. Pure. */
export function describeSession(user: string, record: SessionRecord, now: Date): string {
  if (record.kind === 'unknown') {
    return `the server's record of where ${user} is logged in cannot be read: ${JSON.stringify(record.value.slice(0, 100))}`;
  }
  const { macName, since } = record;
  return `${user} is logged in on ${macName} since ${localTime(since.getTime())} (${ago(now.getTime() - since.getTime())})`;
}
