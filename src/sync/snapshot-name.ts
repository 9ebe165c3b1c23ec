/** Who made a snapshot and when, as its name says. */
export interface SnapshotOrigin {
  readonly macName: string;
  /** By the clock of that Mac. */
  readonly at: Date;
}

const pattern = /^roamhome-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d\.\d{3})Z-([A-Za-z0-9_][A-Za-z0-9_.-]*)$/;

/** `roamhome-20261120T064500.123Z-mac7`: in UTC, for local time repeats an hour each autumn. */
export function snapshotNameAt(instant: Date, macName: string): string {
  const stamp = instant.toISOString().replace(/[-:]/g, '');
  return `roamhome-${stamp}-${macName}`;
}

/** Another name for the same snapshot, where the first is taken: of up to a second later, so that the Mac's name stays what it is. */
export function nextSnapshotName(instant: Date, macName: string, random: (below: number) => number): string {
  return snapshotNameAt(new Date(instant.getTime() + 1 + random(999)), macName);
}

/** Reads the part of a snapshot's name after its `@`; null: Roamhome did not give that name. */
export function parseSnapshotName(short: string): SnapshotOrigin | null {
  const [, year, month, day, hour, minute, seconds, macName] = pattern.exec(short) ?? [];
  if (macName === undefined) return null;
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${seconds}Z`);
  return Number.isNaN(at.getTime()) ? null : { macName, at };
}
