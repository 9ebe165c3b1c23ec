import type { ListedUser } from '../../provision/user/judge-user.ts';
import type { JsonDocument } from '../framework/context.ts';
import { count } from '../../format/count.ts';
import { binarySize } from '../../format/size.ts';
import { isoTime, localTime } from '../../format/time.ts';
import { parseSessionRecord } from '../../homes/presence/session-record.ts';

/** Users as a table, what is wrong with each below it; a last line counts. Pure. */
export function formatUsers(users: readonly ListedUser[]): string {
  const rows = users.map(({ user, uid, home }) => [
    user,
    uid === null ? '-' : String(uid),
    home === null ? '-' : binarySize(Number(home.usedBytes)),
    home === null || home.quotaBytes === 0n ? '-' : binarySize(Number(home.quotaBytes)),
    lastSnapshot(home?.newest ?? null),
    loggedIn(home?.session ?? '-'),
  ]);
  const table = [['USER', 'UID', 'USED', 'QUOTA', 'LAST SNAPSHOT', 'LOGGED IN'], ...rows];
  const widths = (table[0] ?? []).map((_, i) => Math.max(...table.map((row) => row[i]?.length ?? 0)));
  const lines = table.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const problems = users.filter((one) => one.problems.length > 0).length;
  return [
    ...lines.flatMap((line, i) => [
      line,
      ...(users[i - 1]?.problems ?? []).map((problem) => `    ! ${problem}`),
    ]),
    `${count(users.length, 'user')}, ${problems === 0 ? 'no problems' : `${problems} with a problem`}`,
  ].join('\n');
}

/** The same for programs: sizes in bytes, times in ISO 8601. Pure. */
export function usersToJson(users: readonly ListedUser[]): JsonDocument {
  const plain = users.map(({ user, uid, home, problems }) => ({
    ...{ user, uid, problems },
    home:
      home === null
        ? null
        : {
            dataset: home.dataset,
            usedBytes: Number(home.usedBytes),
            quotaBytes: home.quotaBytes === 0n ? null : Number(home.quotaBytes),
            lastSnapshot: home.newest === null ? null : isoTime(home.newest * 1000),
            session: sessionOf(home.session),
          },
  }));
  return { users: plain };
}

function sessionOf(value: string): { readonly macName: string; readonly since: string } | null {
  const record = parseSessionRecord(value);
  return record?.kind === 'known' ? { macName: record.macName, since: record.since.toISOString() } : null;
}

function lastSnapshot(seconds: number | null): string {
  return seconds === null ? '-' : localTime(seconds * 1000);
}

function loggedIn(value: string): string {
  const record = parseSessionRecord(value);
  if (record === null) return '-';
  return record.kind === 'known' ? record.macName : '?';
}
