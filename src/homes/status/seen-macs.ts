import { span, localTime } from '../../format/time.ts';
import type { Level } from '../../format/level.ts';
import { sessionProperty } from '../../sync/properties.ts';
import { parseSnapshotName } from '../../sync/snapshot-name.ts';
import { parseSessionRecord } from '../presence/session-record.ts';
import { shortNameOf } from '../../zfs/names.ts';
import type { Dataset } from '../../zfs/version.ts';

/** A Mac that the server knows by what it has got of it. */
export interface SeenMac {
  readonly macName: string;
  /** Milliseconds since the epoch, by that Mac's clock: its newest snapshot or login. */
  readonly lastSeen: number;
  /** Whose home that was. */
  readonly user: string;
}

/** The Macs that have left something in these homes, by their names. Pure. */
export function seenMacs(homes: ReadonlyMap<string, readonly Dataset[]>): readonly SeenMac[] {
  const found = new Map<string, SeenMac>();
  const see = (macName: string, lastSeen: number, user: string): void => {
    if (lastSeen > (found.get(macName)?.lastSeen ?? -Infinity))
      found.set(macName, { macName, lastSeen, user });
  };
  for (const [user, datasets] of homes) {
    for (const { snapshots, properties } of datasets) {
      const record = parseSessionRecord(properties[sessionProperty] ?? '-');
      if (record?.kind === 'known') see(record.macName, record.since.getTime(), user);
      for (const { name, creation } of snapshots) {
        const macName = parseSnapshotName(shortNameOf(name))?.macName ?? null;
        if (macName !== null) see(macName, creation * 1000, user);
      }
    }
  }
  return [...found.values()].sort((a, b) => (a.macName < b.macName ? -1 : 1));
}

const dayMs = 86_400_000;
/** After so many times the days nobody expects it back. */
const gone = 12;

/** A Mac with what there is to say of it. */
export interface JudgedMac extends SeenMac {
  readonly level: Level;
  /** null: it was here lately, or is gone for good. */
  readonly text: string | null;
}

/** Which Macs have not been seen for long. Pure. */
export function judgeMacs(
  macs: readonly SeenMac[],
  { macDays, now }: { readonly macDays: number; readonly now: number },
): readonly JudgedMac[] {
  return macs.map((mac) => {
    const age = now - mac.lastSeen;
    if (age < macDays * dayMs || age > gone * macDays * dayMs) return { ...mac, level: 'ok', text: null };
    const text = `${mac.macName} has not been seen for ${span(age)}: the last was ${mac.user}, ${localTime(mac.lastSeen)}`;
    return { ...mac, level: 'warning', text };
  });
}
