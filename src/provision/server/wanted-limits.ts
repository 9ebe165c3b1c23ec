/** The properties that bound a dataset of homes or of branches, and what they bound. */
export const limitColumns = [
  ...['snapshot_limit', 'snapshot_count', 'filesystem_limit', 'filesystem_count'],
  ...['quota', 'used'],
] as const;

/** What a root may hold, as ZFS has it; null: it has no such limit, or does not count. Sizes in bytes. */
export interface RootLimits {
  readonly snapshotLimit: number | null;
  readonly snapshotCount: number | null;
  readonly filesystemLimit: number | null;
  readonly filesystemCount: number | null;
  readonly quota: number | null;
  readonly used: number;
}

/** Reads what `zfs get -Hp` or `zfs list -Hp` shows of them. Pure. */
export function limitsFrom(properties: Readonly<Record<string, string>>): RootLimits {
  const numberOf = (name: (typeof limitColumns)[number]): number | null => {
    const value = properties[name] ?? 'none';
    return /^\d+$/.test(value) ? Number(value) : null;
  };
  const quota = numberOf('quota');
  return {
    snapshotLimit: numberOf('snapshot_limit'),
    snapshotCount: numberOf('snapshot_count'),
    filesystemLimit: numberOf('filesystem_limit'),
    filesystemCount: numberOf('filesystem_count'),
    quota: quota === 0 ? null : quota,
    used: numberOf('used') ?? 0,
  };
}

/** What a root is to be bounded by (the settings `roots.…`). */
export interface WantedLimits {
  readonly snapshots: number;
  readonly filesystems: number;
  /** Of the pool. */
  readonly quotaPercent: number;
}

/** The settings, for each root. Pure. */
export function limitsOf({
  snapshots,
  filesystems,
  homesPercent,
  conflictsPercent,
}: {
  readonly snapshots: number;
  readonly filesystems: number;
  readonly homesPercent: number;
  readonly conflictsPercent: number;
}): Readonly<Record<'homes' | 'conflicts', WantedLimits>> {
  const counts = { snapshots, filesystems };
  return {
    homes: { ...counts, quotaPercent: homesPercent },
    conflicts: { ...counts, quotaPercent: conflictsPercent },
  };
}

/** How much there is, where limits are to be set. */
export interface RootUse {
  readonly poolBytes: number;
  readonly snapshots: number;
  readonly filesystems: number;
  readonly limits: RootLimits;
}

const mebibyte = 1024 * 1024;

/**
 * Where none is set: what is wanted, or four times what is there; a quota is never less than a quarter more than is used. ZFS holds
 * whoever may not change them to the first two, and not root. Pure.
 */
export function limitsToSet(use: RootUse, wanted: WantedLimits): Readonly<Record<string, string>> {
  const { limits } = use;
  const quota = Math.max((use.poolBytes * wanted.quotaPercent) / 100, limits.used * 1.25);
  return {
    ...(limits.snapshotLimit === null && {
      snapshot_limit: String(Math.max(wanted.snapshots, 4 * use.snapshots)),
    }),
    ...(limits.filesystemLimit === null && {
      filesystem_limit: String(Math.max(wanted.filesystems, 4 * use.filesystems)),
    }),
    ...(limits.quota === null && { quota: `${Math.ceil(quota / mebibyte)}M` }),
  };
}
