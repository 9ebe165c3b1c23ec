import { isRoamhomeError, type ErrorCode } from './errors.ts';

/** The names and numbers of sysexits.h (BSD; also in Linux's /usr/include/sysexits.h), and two of Roamhome's own. */
export const EX = {
  OK: 0,
  CONFLICT: 10,
  USAGE: 64,
  DATAERR: 65,
  NOINPUT: 66,
  NOUSER: 67,
  UNAVAILABLE: 69,
  SOFTWARE: 70,
  OSERR: 71,
  OSFILE: 72,
  CANTCREAT: 73,
  IOERR: 74,
  TEMPFAIL: 75,
  PROTOCOL: 76,
  NOPERM: 77,
  CONFIG: 78,
  LOGIN_REFUSED: 100,
} as const;

type ExitCode = (typeof EX)[keyof typeof EX];

/** One meaning each: what a script may conclude. The list in the README, the manual page and docs/reference/exit-codes.md is made of it. */
const meaningOf: Readonly<Record<ExitCode, string>> = {
  [EX.OK]: 'The command did all that it was asked to do.',
  [EX.CONFLICT]: 'Done, with a conflict: all work is kept, but some of it beside the home.',
  [EX.USAGE]: 'The command line is wrong.',
  [EX.DATAERR]: 'Data do not fit: the two sides, a stream, a list of users.',
  [EX.NOINPUT]: 'There is no such home, dataset or snapshot, or no such file in it.',
  [EX.NOUSER]: 'There is no such user.',
  [EX.UNAVAILABLE]: 'The server, the directory or the pool is not available.',
  [EX.SOFTWARE]: 'A bug in Roamhome. Please report it.',
  [EX.OSERR]: 'A program of the system is missing or failed.',
  [EX.OSFILE]: 'A file of this machine cannot be used.',
  [EX.CANTCREAT]: 'Something else is in the way. Nothing was overwritten.',
  [EX.IOERR]: 'The pool cannot be written: it is full, over a quota, or suspended.',
  [EX.TEMPFAIL]: 'Not now: busy, locked, interrupted or stopped. The next run continues.',
  [EX.PROTOCOL]: 'zfs does not speak the language of this version.',
  [EX.NOPERM]: 'Not permitted: by this system, by the server, or by you.',
  [EX.CONFIG]: 'A setting of Roamhome, or the clock of this machine, is wrong. No later run mends it.',
  [EX.LOGIN_REFUSED]: 'A login that the policies refuse.',
};

const exitCodes: Readonly<Record<ErrorCode, ExitCode>> = {
  usage: EX.USAGE,
  'config-invalid': EX.CONFIG,
  'user-name-invalid': EX.USAGE,
  'wrong-machine': EX.USAGE,
  'not-root': EX.NOPERM,
  'user-unknown': EX.NOUSER,
  'group-unknown': EX.OSERR,
  'zfs-not-installed': EX.OSERR,
  'pool-not-imported': EX.UNAVAILABLE,
  'home-busy': EX.TEMPFAIL,
  'no-snapshot': EX.CANTCREAT,
  'home-wrong-owner': EX.DATAERR,
  locked: EX.TEMPFAIL,
  'file-unreadable': EX.OSFILE,
  'state-unusable': EX.OSFILE,
  'command-failed': EX.OSERR,
  'output-unwritable': EX.OSFILE,
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
  'stream-refused': EX.DATAERR,
  'token-unusable': EX.DATAERR,
  'permission-denied': EX.NOPERM,
  'hold-denied': EX.NOPERM,
  'quota-exceeded': EX.IOERR,
  'no-space': EX.IOERR,
  'pool-suspended': EX.IOERR,
  'encryption-root': EX.CONFIG,
  'key-not-loaded': EX.NOPERM,
  'unknown-option': EX.PROTOCOL,
  'not-mounted': EX.OSERR,
  'zfs-failed': EX.OSERR,
  'zfs-output-unknown': EX.PROTOCOL,
  'home-missing': EX.NOINPUT,
  'path-missing': EX.NOINPUT,
  diverged: EX.DATAERR,
  'guid-doubled': EX.DATAERR,
  'server-blocked': EX.TEMPFAIL,
  'not-converging': EX.SOFTWARE,
  'logged-in-elsewhere': EX.TEMPFAIL,
  'in-the-way': EX.CANTCREAT,
  'not-confirmed': EX.NOPERM,
  'directory-unreachable': EX.UNAVAILABLE,
  'directory-untrusted': EX.NOPERM,
  'directory-refused': EX.NOPERM,
  'directory-secret-unusable': EX.CONFIG,
  'directory-incomplete': EX.CONFIG,
  'directory-taken': EX.CANTCREAT,
  'directory-failed': EX.UNAVAILABLE,
  'schedule-invalid': EX.USAGE,
  'clock-leapt': EX.CONFIG,
};

/** The exit codes in ascending order, each with its meaning and the errors that end with it. */
export function listExitCodes(): readonly {
  readonly exitCode: ExitCode;
  readonly meaning: string;
  readonly errors: readonly string[];
}[] {
  return Object.values(EX).map((exitCode) => {
    const errors = Object.entries(exitCodes).flatMap(([code, exit]) => (exit === exitCode ? [code] : []));
    return {
      exitCode,
      meaning: meaningOf[exitCode],
      errors: exitCode === EX.SOFTWARE ? ['bug', ...errors] : errors,
    };
  });
}

/** The process's exit code for an error: sysexits.h; what Roamhome did not foresee is EX_SOFTWARE (70). */
export function exitCodeOf(error: unknown): number {
  return isRoamhomeError(error) ? exitCodes[error.code] : EX.SOFTWARE;
}
