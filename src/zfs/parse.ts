import { RoamhomeError } from '../errors/errors.ts';
import type { Guid, ResumeToken } from './names.ts';

/** `zfs-output-unknown`, naming what was read and where. */
export function outputUnknown(what: string, line: string): RoamhomeError {
  return new RoamhomeError({
    code: 'zfs-output-unknown',
    message: `zfs printed ${what} that Roamhome does not understand: ${JSON.stringify(line.slice(0, 300))}`,
    remedy: 'Nothing was done on the strength of it. Please report the line and `zfs version`.',
  });
}

/** Digits only, as `zfs … -p` prints numbers. */
export function parseBigInt(text: string, line: string): bigint {
  if (!/^\d+$/.test(text)) throw outputUnknown('a number', line);
  return BigInt(text);
}

/** The end of the year 9999: the latest time that every date can be written for. */
const latestSeconds = 253_402_300_799;

/** Seconds since the epoch. ZFS takes any 64-bit number that a stream gives: what is later than all dates is the latest. */
export function parseSeconds(text: string, line: string): number {
  return Math.min(latestSeconds, Number(parseBigInt(text, line)));
}

export function parseGuid(text: string, line: string): Guid {
  if (!/^\d{1,20}$/.test(text)) throw outputUnknown('a guid', line);
  return text as Guid;
}

/** Shape of a token: `1-<checksum>-<size>-<packed nvlist>`, all hex (lib/libzfs/libzfs_sendrecv.c). */
export function parseResumeToken(text: string, line: string): ResumeToken | null {
  if (text === '-' || text === '') return null;
  if (!/^\d+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+$/.test(text)) throw outputUnknown('a resume token', line);
  return text as ResumeToken;
}

/** The lines of an output that ends with a newline; none for an empty one. */
export function linesOf(stdout: string): readonly string[] {
  if (stdout === '') return [];
  return (stdout.endsWith('\n') ? stdout.slice(0, -1) : stdout).split('\n');
}
