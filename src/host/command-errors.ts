import { RoamhomeError } from '../errors/errors.ts';
import type { Argv } from './host.ts';

/** The most that one command may print to stdout, or to stderr, when it is kept in memory: 256 MiB. */
export const OUTPUT_LIMIT_BYTES = 256 * 1024 * 1024;

/** `cancelled`: the caller's AbortSignal ended the command. */
export function cancelledError(argv: Argv, cause?: unknown): RoamhomeError {
  return new RoamhomeError({
    code: 'cancelled',
    message: `${briefArgv(argv)} was cancelled`,
    remedy: 'Nothing to do: the next run looks again at what is on both sides and goes on from there.',
    retryable: true,
    cause,
  });
}

/** `timed-out`: the command was still running after `timeoutMs` milliseconds. */
export function timedOutError(argv: Argv, timeoutMs: number): RoamhomeError {
  return new RoamhomeError({
    code: 'timed-out',
    message: `${briefArgv(argv)} was still running after ${timeoutMs / 1000} s and was ended`,
    remedy:
      'It is tried again at the next run. If this repeats, look at the load of the pool (zpool iostat) there.',
    retryable: true,
  });
}

/** `command-failed`: the command printed more than is kept in memory. */
export function tooMuchOutputError(argv: Argv, stream: 'stdout' | 'stderr'): RoamhomeError {
  return new RoamhomeError({
    code: 'command-failed',
    message: `${briefArgv(argv)} printed more than ${OUTPUT_LIMIT_BYTES / 1024 / 1024} MiB to ${stream} and was ended`,
    remedy: 'Thin the snapshots of this home: a list this long is not read.',
  });
}

/** The program could not be started at all: `zfs-not-installed` for a missing zfs, else `command-failed`. */
export function spawnError(argv: Argv, searchPath: string, cause: unknown): RoamhomeError {
  const [program] = argv;
  const errno = errnoOf(cause);
  if (errno === 'ENOENT' && (program === 'zfs' || program === 'zpool')) {
    return new RoamhomeError({
      code: 'zfs-not-installed',
      message: `${program} is not in any of ${searchPath}`,
      remedy:
        'Install OpenZFS on this machine, or put the directory of its zfs program into the configured path.',
      cause,
    });
  }
  const reason = errno === 'ENOENT' ? `it is not in any of ${searchPath}` : (errno ?? 'unknown reason');
  return new RoamhomeError({
    code: 'command-failed',
    message: `cannot start ${program}: ${reason}`,
    remedy: `Install ${program}, or correct its permissions.`,
    cause,
  });
}

/** The `code` of a Node system error (ENOENT, ECONNREFUSED, …), also of the cause that a library wrapped. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return errnoOf(error.cause);
}

/** Enough of an argv to recognise it in a message. Lists of properties and snapshots make the whole too long. */
export function briefArgv(argv: Argv): string {
  const text = argv.join(' ');
  return text.length <= 160 ? text : `${text.slice(0, 157)}...`;
}
