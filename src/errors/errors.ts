/** What went wrong, as a closed list: the exit code, the remedy and the decision to retry hang on it. */
export type ErrorCode =
  // the command line and the configuration
  | 'usage'
  | 'config-invalid'
  | 'user-name-invalid'
  // this machine
  | 'wrong-machine'
  | 'not-root'
  | 'user-unknown'
  | 'group-unknown'
  | 'zfs-not-installed'
  | 'pool-not-imported'
  | 'home-busy'
  | 'no-snapshot'
  | 'home-wrong-owner'
  | 'locked'
  | 'file-unreadable'
  | 'state-unusable'
  | 'command-failed'
  | 'output-unwritable'
  // the way to the server
  | 'server-unreachable'
  | 'connection-lost'
  | 'host-key-unknown'
  | 'host-key-changed'
  | 'host-key-revoked'
  | 'key-unusable'
  | 'auth-refused'
  | 'command-refused'
  | 'stalled'
  | 'timed-out'
  | 'cancelled'
  // what zfs said
  | 'name-invalid'
  | 'dataset-missing'
  | 'dataset-exists'
  | 'dataset-busy'
  | 'dataset-modified'
  | 'no-common-base'
  | 'partial-state'
  | 'stream-incomplete'
  | 'stream-unsupported'
  | 'stream-refused'
  | 'token-unusable'
  | 'permission-denied'
  | 'hold-denied'
  | 'quota-exceeded'
  | 'no-space'
  | 'pool-suspended'
  | 'key-not-loaded'
  | 'encryption-root'
  | 'unknown-option'
  | 'not-mounted'
  | 'zfs-failed'
  | 'zfs-output-unknown'
  // what the planner found
  | 'home-missing'
  | 'path-missing'
  | 'diverged'
  | 'guid-doubled'
  | 'server-blocked'
  | 'not-converging'
  // the policies
  | 'logged-in-elsewhere'
  // setting up
  | 'in-the-way'
  | 'not-confirmed'
  // the directory of users (LDAP)
  | 'directory-unreachable'
  | 'directory-untrusted'
  | 'directory-refused'
  | 'directory-secret-unusable'
  | 'directory-incomplete'
  | 'directory-taken'
  | 'directory-failed'
  // thinning
  | 'schedule-invalid'
  | 'clock-leapt';

export interface ErrorFields {
  readonly code: ErrorCode;
  /** What happened, with the names and numbers of this case. One line. */
  readonly message: string;
  /** What the reader can do about it, or what Roamhome does by itself. */
  readonly remedy: string;
  /** The commands of the remedy, to be typed on this machine as root, where it comes down to that. */
  readonly commands?: readonly string[];
  /** True when the same run may succeed later with nobody doing anything. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** Every failure that Roamhome foresees. Anything else that is thrown is a bug. */
export class RoamhomeError extends Error {
  override readonly name = 'RoamhomeError';
  readonly code: ErrorCode;
  readonly remedy: string;
  readonly commands: readonly string[];
  readonly retryable: boolean;

  constructor(fields: ErrorFields) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.code = fields.code;
    this.remedy = fields.remedy;
    this.commands = fields.commands ?? [];
    this.retryable = fields.retryable ?? false;
  }
}

/** True when `error` is a RoamhomeError of one of the codes (of any, when none is given). */
export function isRoamhomeError(error: unknown, ...codes: readonly ErrorCode[]): error is RoamhomeError {
  return error instanceof RoamhomeError && (codes.length === 0 || codes.includes(error.code));
}
