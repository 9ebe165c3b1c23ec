/** What lstat(2) says of a path that `zfs diff` has named. */
export interface FileStatus {
  readonly type: 'file' | 'directory' | 'other';
  /** The permissions: the lower twelve bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** How many names it has. */
  readonly links: number;
  /** The mounted file system that it is in. */
  readonly device: number;
}

/** What this machine's file system says, beyond what ZFS does. Symbolic links are never followed. */
export interface FileFacts {
  /** null: there is nothing of the kind, or it cannot be looked at. */
  statusOf(path: string): Promise<FileStatus | null>;
  /**
   * All that a user can set on a directory besides its permissions, as text that is equal for two that are: extended
   * attributes, ACLs, flags. Throws a RoamhomeError where it cannot be told.
   */
  attributesOf(path: string, signal?: AbortSignal): Promise<string>;
}
