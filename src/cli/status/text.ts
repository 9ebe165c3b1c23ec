import type { RoamhomeError } from '../../errors/errors.ts';
import { count } from '../../format/count.ts';
import type { Level } from '../../format/level.ts';
import { binarySize } from '../../format/size.ts';
import { wrapLine } from '../../format/wrap.ts';
import { isoTime, localTime, span } from '../../format/time.ts';
import type { HomeStatus, ShownVersion, SideStatus, SyncState } from '../../homes/status/home-status.ts';
import type { JsonDocument } from '../framework/context.ts';
import { problemInJson } from '../framework/json.ts';
import type { Remark } from '../../homes/status/judge.ts';
import type { JudgedMac } from '../../homes/status/seen-macs.ts';

/** A home with what there is to say of it. */
export interface Judged {
  readonly home: HomeStatus;
  readonly level: Level;
  readonly remarks: readonly Remark[];
}

export interface StatusView {
  readonly homes: readonly Judged[];
  /** On the server; elsewhere there are none. */
  readonly macs: readonly JudgedMac[];
  readonly level: Level;
  readonly serverProblem: RoamhomeError | null;
  /** What is wrong in the settings. */
  readonly warnings: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** This is the server. */
  readonly onServer: boolean;
  /** Leave out what is well. */
  readonly problemsOnly: boolean;
}

/** What is to be shown of homes and Macs. Pure. */
function shownOf({ homes, macs, problemsOnly }: StatusView): Pick<StatusView, 'homes' | 'macs'> {
  if (!problemsOnly) return { homes, macs };
  const isBad = ({ level }: { readonly level: Level }): boolean => level !== 'ok';
  const worth = homes.filter(isBad).map((one) => ({ ...one, remarks: one.remarks.filter(isBad) }));
  return { homes: worth, macs: macs.filter(isBad) };
}

const stateInWords: Readonly<Record<SyncState, string>> = {
  'in-sync': 'in sync',
  pending: 'pending',
  behind: 'behind',
  diverged: 'DIVERGED',
  unclear: 'UNCLEAR',
  'only-server': 'on server',
  unknown: 'unknown',
};

/** What a row of the table takes; narrower terminals get a block for each home. */
const tableColumns = 72;

/** For people: a table with what there is to say below each row; a block for each home where that is asked for, or fits better. Pure. */
export function statusTable(
  view: StatusView,
  { columns, isDetailed }: { readonly columns: number; readonly isDetailed: boolean },
): string {
  if (view.homes.length === 0) return 'no home is here';
  const { homes, macs } = shownOf(view);
  const told = macs.flatMap(({ level, text }) =>
    text === null ? [] : [wrapLine(`${level}: ${text}`, columns, 2)],
  );
  if (homes.length === 0 && told.length === 0) return `no problem in ${count(view.homes.length, 'home')}`;
  if (homes.length === 0) return told.join('\n');
  if (isDetailed || columns < tableColumns)
    return [...homes.map((judged) => block(judged, view.now, columns)), ...told].join('\n\n');
  const rows = homes.map(({ home }) => cells(home, view.now));
  const head = ['HOME', 'STATE', 'LAST SYNC', 'AGE', 'FROM', 'SIZE', 'SNAPSHOTS'];
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i === 5 || i === 3 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  const remarks = ({ remarks: all }: Judged): readonly string[] =>
    all.map((remark) => remarkLine(remark, columns));
  return [
    line(head),
    ...homes.flatMap((judged, i) => [line(rows[i] ?? []), ...remarks(judged)]),
    ...told,
  ].join('\n');
}

function remarkLine({ level, text }: Remark, columns: number): string {
  return wrapLine(`  ${level === 'ok' ? '' : `${level}: `}${text}`, columns, 4);
}

function cells({ user, state, lastSync, local, server }: HomeStatus, now: number): readonly string[] {
  const newest = lastSync ?? (local === null ? (server?.head ?? null) : null);
  const snapshots = [local, server].filter((side) => side !== null).map((side) => String(side.snapshots));
  const size = local ?? server;
  return [
    user,
    stateInWords[state],
    newest === null ? '-' : localTime(newest.at),
    newest === null ? '-' : span(Math.max(0, now - newest.at)),
    newest?.macName ?? '-',
    size === null ? '-' : binarySize(size.usedBytes),
    snapshots.join(' / '),
  ];
}

function block({ home, remarks }: Judged, now: number, columns: number): string {
  const { user, state, lastSync, local, server } = home;
  const row = (name: string, text: string): string => wrapLine(`  ${name.padEnd(10)} ${text}`, columns, 13);
  return [
    `${user}: ${stateInWords[state]}`,
    row('last sync', versionText(lastSync ?? (local === null ? (server?.head ?? null) : null), now)),
    ...(local === null ? [] : sideRows('here', local, now)),
    ...(server === null ? [] : sideRows('server', server, now)),
    ...remarks.map((remark) => remarkLine(remark, columns)),
  ].join('\n');

  function sideRows(name: string, side: SideStatus, at: number): readonly string[] {
    const written = side.writtenBytes === 0 ? '' : `, ${binarySize(side.writtenBytes)} written since`;
    return [
      row(name, versionText(side.head, at)),
      row('', `${binarySize(side.usedBytes)}, ${count(side.snapshots, 'snapshot')}${written}`),
      ...(name === 'here' ? [row('', side.mounted ? 'mounted' : 'not mounted')] : []),
    ];
  }
}

function versionText(version: ShownVersion | null, now: number): string {
  if (version === null) return '-';
  return `${localTime(version.at)}, ${span(Math.max(0, now - version.at))} ago, ${version.macName ?? version.name}`;
}

/** One line, the worst first. Pure. */
export function briefStatus({ homes, macs, level, serverProblem, onServer }: StatusView): string {
  const worth = homes.flatMap(({ home, remarks }) =>
    remarks.filter((remark) => remark.level !== 'ok').map(({ text }) => `${home.user}: ${text}`),
  );
  const away = serverProblem === null ? [] : [serverProblem.message];
  const unseen = macs.flatMap(({ level: own, text }) => (own === 'ok' || text === null ? [] : [text]));
  const inSync = homes.filter(({ home }) => home.state === 'in-sync').length;
  const sum = onServer ? serverSum(homes) : `${inSync} of ${count(homes.length, 'home')} in sync`;
  const all = [...worth, ...unseen, ...away, sum];
  return `${level}: ${all.join('; ')}`;
}

function serverSum(homes: readonly Judged[]): string {
  const sessions = homes.filter(({ home }) => home.session !== null).length;
  const conflicts = homes.reduce((sum, { home }) => sum + home.waiting.length, 0);
  return [count(homes.length, 'home'), count(sessions, 'session'), count(conflicts, 'conflict')].join(', ');
}

/** For programs: times in ISO 8601, sizes in bytes. Pure. */
export function statusToJson(view: StatusView): JsonDocument {
  const { level, serverProblem, warnings } = view;
  const { homes, macs } = shownOf(view);
  return {
    level,
    warnings,
    server: serverProblem === null ? null : problemInJson(serverProblem),
    homes: homes.map(({ home, level: own, remarks }) => ({
      ...home,
      level: own,
      lastSync: versionInJson(home.lastSync),
      local: sideInJson(home.local),
      server: sideInJson(home.server),
      unsentSince: home.unsentSince === null ? null : isoTime(home.unsentSince),
      pendingSince: home.pendingSince === null ? null : isoTime(home.pendingSince),
      session:
        home.session?.kind === 'known'
          ? { macName: home.session.macName, since: home.session.since.toISOString() }
          : home.session,
      arrived: versionInJson(home.arrived),
      waiting: home.waiting.map((one) => ({ ...one, at: isoTime(one.at) })),
      remarks,
    })),
    macs: macs.map((mac) => ({ ...mac, lastSeen: isoTime(mac.lastSeen) })),
  };
}

function versionInJson(version: ShownVersion | null): unknown {
  return version === null ? null : { ...version, at: isoTime(version.at) };
}

function sideInJson(side: SideStatus | null): unknown {
  return side === null ? null : { ...side, head: versionInJson(side.head) };
}
