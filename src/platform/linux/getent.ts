import { directoryRemedy, unexpectedResult } from '../command-error.ts';
import type { Account } from '../platform.ts';
import type { Argv, CommandResult } from '../../host/host.ts';

// getent(1): 2 means that the key was not found.
const notFound = 2;

function recordOf(argv: Argv, result: CommandResult, fields: number): readonly string[] | null {
  if (result.exitCode === notFound) return null;
  const lines = result.stdout.split('\n').filter((line) => line !== '');
  const record = lines[0]?.split(':') ?? [];
  if (result.exitCode !== 0 || lines.length !== 1 || record.length !== fields)
    throw unexpectedResult(argv, result, directoryRemedy);
  return record;
}

function idOf(argv: Argv, result: CommandResult, text: string | undefined): number {
  if (text === undefined || !/^\d{1,10}$/.test(text)) throw unexpectedResult(argv, result, directoryRemedy);
  return Number(text);
}

/** What is known of an account besides its numbers. */
export interface PasswdEntry extends Account {
  readonly home: string;
  readonly shell: string;
}

/** Reads the answer to `getent passwd NAME`. Null when there is no such user. Throws `command-failed`. */
export function parsePasswdEntry(argv: Argv, result: CommandResult, name: string): PasswdEntry | null {
  const record = recordOf(argv, result, 7);
  // getent takes a number for a uid: then the record is somebody else's.
  const own = record?.[0];
  // sssd, told so, finds a name in any case.
  if (record === null || own?.toLowerCase() !== name.toLowerCase()) return null;
  const [uid, gid] = [idOf(argv, result, record[2]), idOf(argv, result, record[3])];
  return { name: own, uid, gid, home: record[5] ?? '', shell: record[6] ?? '' };
}

/** The same without what only an admin asks for. */
export function parsePasswd(argv: Argv, result: CommandResult, name: string): Account | null {
  const entry = parsePasswdEntry(argv, result, name);
  if (entry === null) return null;
  const { uid, gid, home } = entry;
  return { name: entry.name, uid, gid, ...(home !== '' && { home }) };
}

/**
 * Reads the answer to `getent group NAME`. The members are those that the directory lists: not those whose primary
 * group it is, and with some directories nobody. Null when there is no such group. Throws `command-failed`.
 */
export function parseGroup(
  argv: Argv,
  result: CommandResult,
  name: string,
): { readonly gid: number; readonly members: readonly string[] } | null {
  const record = recordOf(argv, result, 4);
  if (record?.[0] !== name) return null;
  return { gid: idOf(argv, result, record[2]), members: (record[3] ?? '').split(',') };
}

/** Reads the answer to `getent group GID...`: the names of those that there are. Throws `command-failed`. */
export function parseGroupNames(argv: Argv, result: CommandResult): readonly string[] {
  const records = result.stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split(':')]));
  if (![0, notFound].includes(result.exitCode ?? -1) || records.some(({ length }) => length !== 4))
    throw unexpectedResult(argv, result, directoryRemedy);
  return records.map(([name = '']) => name);
}

/** Reads the answer to `id -G USER`: all gids. Null when there is no such user. Throws `command-failed`. */
export function parseGroupIds(argv: Argv, result: CommandResult): readonly number[] | null {
  if (result.exitCode === 1 && result.stderr.includes('no such user')) return null;
  if (result.exitCode !== 0 || !/^\d+(?: \d+)*\n?$/.test(result.stdout))
    throw unexpectedResult(argv, result, directoryRemedy);
  return result.stdout.trim().split(' ').map(Number);
}
