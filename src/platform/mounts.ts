/** A file system that is mounted on this machine, as its system lists it. */
export interface Mount {
  /** What is mounted: `/dev/vda1`, `data/profiles/alice`, `bob@host:/srv`. */
  readonly source: string;
  readonly path: string;
  /** `zfs`, `ext4`, `fuse.sshfs`, `macfuse`. */
  readonly type: string;
  /** What tells this mount from another, and the one that it lies in; null: the system does not say. */
  readonly id: string | null;
  readonly parentId: string | null;
}

/** True for one that a program of the user's answers for: it is dead when that program has ended. Pure. */
export function isFuse({ type }: Mount): boolean {
  return /fuse/i.test(type);
}
