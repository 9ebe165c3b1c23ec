import { isRoamhomeError, type ErrorCode } from './errors.ts';

/** The names and numbers of sysexits.h (BSD; also in Linux's /usr/include/sysexits.h). */
export const EX = {
  OK: 0,
  USAGE: 64,
  DATAERR: 65,
  NOINPUT: 66,
  NOUSER: 67,
  UNAVAILABLE: 69,
  SOFTWARE: 70,
  OSERR: 71,
  CANTCREAT: 73,
  IOERR: 74,
  TEMPFAIL: 75,
  PROTOCOL: 76,
  NOPERM: 77,
  CONFIG: 78,
} as const;

type ExitCode = (typeof EX)[keyof typeof EX];

const exitCodes: Readonly<Record<ErrorCode, ExitCode>> = {
  usage: EX.USAGE,
  'config-invalid': EX.CONFIG,
  'user-name-invalid': EX.USAGE,
  'not-root': EX.NOPERM,
  'user-unknown': EX.NOUSER,
  'zfs-not-installed': EX.OSERR,
  'pool-not-imported': EX.UNAVAILABLE,
  'home-busy': EX.TEMPFAIL,
  'home-wrong-owner': EX.DATAERR,
  locked: EX.TEMPFAIL,
  'file-unreadable': EX.NOINPUT,
  'state-unusable': EX.CANTCREAT,
  'command-failed': EX.OSERR,
  'server-unreachable': EX.UNAVAILABLE,
  'connection-lost': EX.TEMPFAIL,
  'host-key-unknown': EX.NOPERM,
  'host-key-changed': EX.NOPERM,
  'host-key-revoked': EX.NOPERM,
  'key-unusable': EX.CONFIG,
  'auth-refused': EX.NOPERM,
  'command-refused': EX.NOPERM,
  stalled: EX.TEMPFAIL,
  'timed-out': EX.TEMPFAIL,
  cancelled: EX.TEMPFAIL,
  'name-invalid': EX.USAGE,
  'dataset-missing': EX.NOINPUT,
  'dataset-exists': EX.CANTCREAT,
  'dataset-busy': EX.TEMPFAIL,
  'dataset-modified': EX.DATAERR,
  'no-common-base': EX.DATAERR,
  'partial-state': EX.TEMPFAIL,
  'stream-incomplete': EX.TEMPFAIL,
  'stream-unsupported': EX.DATAERR,
  'token-unusable': EX.DATAERR,
  'permission-denied': EX.NOPERM,
  'hold-denied': EX.NOPERM,
  'quota-exceeded': EX.CANTCREAT,
  'no-space': EX.CANTCREAT,
  'pool-suspended': EX.IOERR,
  'key-not-loaded': EX.NOPERM,
  'unknown-option': EX.PROTOCOL,
  'not-mounted': EX.OSERR,
  'zfs-failed': EX.SOFTWARE,
  'zfs-output-unknown': EX.PROTOCOL,
  'home-missing': EX.NOINPUT,
  diverged: EX.DATAERR,
  'server-blocked': EX.TEMPFAIL,
  'not-converging': EX.SOFTWARE,
  'schedule-invalid': EX.USAGE,
  'clock-leapt': EX.TEMPFAIL,
};

/** The process's exit code for an error: sysexits.h; what Roamhome did not foresee is EX_SOFTWARE (70). */
export function exitCodeOf(error: unknown): number {
  return isRoamhomeError(error) ? exitCodes[error.code] : EX.SOFTWARE;
}
