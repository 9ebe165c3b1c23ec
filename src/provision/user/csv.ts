import { parse } from 'csv-parse/sync';
import { isRoamhomeError, RoamhomeError } from '../../errors/errors.ts';
import { count } from '../../format/count.ts';
import { isUserName } from '../../zfs/names.ts';
import { parseQuota } from './size.ts';
import type { UserRequest } from './user-request.ts';

/** A line of the file that can be done. */
export interface CsvUser {
  readonly line: number;
  readonly request: UserRequest;
}

/** What is wrong in a line, all of it. */
export interface CsvMistake {
  readonly line: number;
  /** What the line has for a name; '' when none. */
  readonly user: string;
  readonly why: readonly string[];
}

const columns = ['user', 'full_name', 'mail', 'uid', 'quota'] as const;
type Column = (typeof columns)[number];
type Row = Readonly<Partial<Record<Column, string>>>;

/** The text of such a file. Throws `usage` where it is not UTF-8: a wrong letter in a name would be noticed weeks later. Pure. */
export function decodeCsv(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (
    bytes.subarray(0, 200).includes(0) ||
    (first === 0xff && second === 0xfe) ||
    (first === 0xfe && second === 0xff)
  )
    throw notUtf8('it is UTF-16, or no text');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw notUtf8('it is not UTF-8, perhaps Windows-1252', cause);
  }
}

function notUtf8(why: string, cause?: unknown): RoamhomeError {
  return new RoamhomeError({
    code: 'usage',
    message: `this is no list of users: ${why}`,
    remedy:
      'Save it as “CSV UTF-8”, or convert it: `iconv -f WINDOWS-1252 -t UTF-8 OLD.csv >NEW.csv`. Nothing was done.',
    cause,
  });
}

/**
 * Reads users from CSV (RFC 4180; a byte order mark and semicolons, as spreadsheets write them, are taken too). The first
 * line names the columns: `user`, and any of `full_name`, `mail`, `uid`, `quota`. A bad line is told with all that is wrong
 * with it, and stops no other. Throws `usage` where the file as a whole cannot be read. Pure.
 */
export function readCsv(text: string): {
  readonly users: readonly CsvUser[];
  readonly mistakes: readonly CsvMistake[];
} {
  const users: CsvUser[] = [];
  const mistakes: CsvMistake[] = [];
  const seen = { user: new Map<string, number>(), uid: new Map<string, number>() };
  for (const { line, cells, row } of rowsOf(text)) {
    const why = [...mistakesOf(cells, row), ...repeated(row, seen)];
    if (row.user !== undefined) seen.user.set(row.user, line);
    if (row.uid !== undefined) seen.uid.set(row.uid, line);
    if (why.length > 0) mistakes.push({ line, user: row.user ?? '', why });
    else users.push({ line, request: toRequest(row) });
  }
  return { users, mistakes };
}

interface Line {
  readonly line: number;
  /** How many more or fewer cells there are than columns. */
  readonly cells: number;
  readonly row: Row;
}

interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

function rowsOf(text: string): readonly Line[] {
  const first = text.replace(/^\ufeff/, '').split(/\r?\n/, 1)[0] ?? '';
  if (/^"?sep=/i.test(first)) throw unreadable(`its first line is ${first.trim()}: take that line out`);
  let parsed: readonly Parsed[];
  try {
    parsed = parse(text, {
      bom: true,
      delimiter: first.includes(';') && !first.includes(',') ? ';' : ',',
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as readonly Parsed[];
  } catch (cause) {
    throw unreadable(cause instanceof Error ? cause.message : String(cause), cause);
  }
  const [header, ...lines] = parsed;
  const names = (header?.record ?? []).map((name) => name.toLowerCase());
  const unknown = names.filter((name) => !columns.some((column) => column === name));
  if (unknown.length > 0)
    throw unreadable(`its first line has ${unknown.map((name) => JSON.stringify(name)).join(', ')}`);
  if (!names.includes('user')) throw unreadable('its first line names no column user');
  if (new Set(names).size < names.length) throw unreadable('its first line names a column twice');
  return lines.map(({ record, info }) => ({
    line: info.lines,
    cells: record.length - names.length,
    row: Object.fromEntries(
      names.flatMap((name, i) => (record[i] === undefined || record[i] === '' ? [] : [[name, record[i]]])),
    ),
  }));
}

function mistakesOf(cells: number, row: Row): readonly string[] {
  const { user, uid, quota, mail } = row;
  return [
    ...(cells === 0
      ? []
      : [`it has ${count(Math.abs(cells), 'cell')} ${cells > 0 ? 'more' : 'fewer'} than the first line`]),
    ...(user === undefined
      ? ['it names no user']
      : isUserName(user)
        ? []
        : [`${JSON.stringify(user)} cannot be the name of a roaming user`]),
    ...(uid === undefined || isUid(uid) ? [] : [`${JSON.stringify(uid)} is no uid`]),
    ...(mail === undefined || /^[^\s@]+@[^\s@]+$/.test(mail)
      ? []
      : [`${JSON.stringify(mail)} is no mail address`]),
    ...(quota === undefined ? [] : badQuota(quota)),
  ];
}

function badQuota(text: string): readonly string[] {
  try {
    parseQuota(text);
    return [];
  } catch (error) {
    if (isRoamhomeError(error, 'usage')) return [error.message];
    throw error;
  }
}

function repeated(
  row: Row,
  seen: Readonly<Record<'user' | 'uid', ReadonlyMap<string, number>>>,
): readonly string[] {
  return (['user', 'uid'] as const).flatMap((column) => {
    const value = row[column];
    const line = value === undefined ? undefined : seen[column].get(value);
    return line === undefined ? [] : [`line ${line} has the ${column} ${value ?? ''} too`];
  });
}

/** True for a number that may be given to a user: not root's, and none of the system's own accounts. Pure. */
export function isUid(text: string): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) >= 500 && Number(text) < 2 ** 31;
}

function toRequest({ user = '', full_name: fullName, mail, uid, quota }: Row): UserRequest {
  return {
    user,
    uidNumber: uid === undefined ? null : Number(uid),
    fullName: fullName ?? null,
    mail: mail ?? null,
    quota: quota === undefined ? null : parseQuota(quota),
    excluded: null,
  };
}

function unreadable(why: string, cause?: unknown): RoamhomeError {
  return new RoamhomeError({
    code: 'usage',
    message: `this is no list of users: ${why}`,
    remedy: `Let the first line be user, and any of ${columns.slice(1).join(', ')}, with commas or semicolons between. Nothing was done.`,
    cause,
  });
}
