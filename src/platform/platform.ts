import type { Mount } from './mounts.ts';
import type { Notice } from './notice.ts';

/** A user of this machine, as its directory service knows them. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  /** The primary group. */
  readonly gid: number;
  /** Where the account has its home directory; none: nobody says. */
  readonly home?: string;
}

/** What differs between macOS and Linux. All of it runs as root, but what shows a notice. */
export interface Platform {
  readonly kind: 'macos' | 'linux';
  /** The user's account; null when there is none. */
  findAccount(user: string): Promise<Account | null>;
  /** Throws `group-unknown` when the group itself does not exist. */
  isMember(user: string, group: string): Promise<boolean>;
  /** Ends the account's processes: TERM, wait, KILL; never this process or its ancestors. Returns how many needed KILL. */
  endProcesses(account: Account, options: { graceMs: number; signal?: AbortSignal }): Promise<number>;
  /** How many processes run as the account; this one and its ancestors do not count. */
  countProcesses(account: Account, signal?: AbortSignal): Promise<number>;
  /**
   * The account's sessions on this machine besides the one that this run belongs to, for people: `session 3 (sshd from 10.0.0.5)`. One
   * that closes, or is none of a person's, does not count. Throws where the system does not tell.
   */
  otherSessions(account: Account, signal?: AbortSignal): Promise<readonly string[]>;
  /** Eight letters that no other machine has, also where its disk is a copy of this one's; null: that is not known. */
  machineId(): Promise<string | null>;
  /** What is mounted on this machine, in the order of mounting. */
  listMounts(): Promise<readonly Mount[]>;
  /** Unmounts by mountpoint when `zfs unmount` says busy. Null when there is nothing more to try. */
  readonly forceUnmountArgv: ((mountpoint: string) => readonly [string, ...string[]]) | null;
  /** How a user takes a FUSE mount of their own off, though its program has ended: commands to be run as that user, the first first. */
  readonly unmountOwnArgvs: (path: string) => readonly (readonly [string, ...string[]])[];
  /** Takes a mount off its place at once, though it is used: for what must not be there for a moment, and for that alone. */
  readonly detachArgv: (path: string) => readonly [string, ...string[]];
  /** Local properties of a home on this system, besides mountpoint and canmount. */
  readonly homeProperties: Readonly<Record<string, string>>;
  /**
   * What a user can set on a directory besides its permissions, as text that is equal for two that are. Throws
   * `command-failed`.
   */
  directoryAttributes(path: string, signal?: AbortSignal): Promise<string>;
  /**
   * The same of all that a directory holds, and of itself: sorted, and with no word of where it lies, so that a copy has the
   * same text. Throws `command-failed`.
   */
  treeAttributes(path: string, signal?: AbortSignal): Promise<string>;
  /** Shows a notice, run as the user in their session. No word of it is read as code or as an option. */
  readonly noticeArgv: (notice: Notice) => readonly [string, ...string[]];
  /** A line to the system log (logger). Never throws. */
  systemLog(priority: 'info' | 'warning' | 'err', message: string): Promise<void>;
}
