import type { Argv } from '../../host/host.ts';
import type { ZfsCommand } from '../command.ts';
import { outputUnknown } from '../parse.ts';
import { columnsWord, readRows, withOwnTexts, type Columns, type Row } from '../rows.ts';

/**
 * A `zfs list -H` of which no text in a property can make a row. Where one tries to, the list is asked for once more without
 * texts, and those that cannot be told apart are missing and told. `before` and `after`: the words around `-o COLUMNS`.
 */
export function listRows<T>(
  before: Argv,
  columns: Columns,
  after: readonly string[],
  read: (rows: readonly Row[]) => T,
  remarks: (rows: readonly Row[]) => readonly string[] = () => [],
): ZfsCommand<T> {
  const argvOf = (asked: Columns): Argv => [...before, '-o', columnsWord(asked), ...after];
  const plain = { plain: columns.plain, texts: [] };
  // Read once for the three that ask: a server's list can be long.
  let last: { readonly stdout: string; readonly rows: readonly Row[] | null } | null = null;
  const rowsOf = (stdout: string): readonly Row[] | null => {
    if (last?.stdout !== stdout) last = { stdout, rows: readRows(stdout, columns) };
    return last.rows;
  };
  return {
    argv: argvOf(columns),
    mutates: false,
    instead: (unread) =>
      rowsOf(unread) !== null || columns.texts.length === 0
        ? null
        : {
            argv: argvOf(plain),
            mutates: false,
            parse: (stdout) => read(withOwnTexts(stdout, unread, columns)),
            remarks: (stdout) => {
              const rows = withOwnTexts(stdout, unread, columns);
              return [...unreadRemarks(rows, columns), ...remarks(rows)];
            },
          },
    parse: (stdout) => {
      const rows = rowsOf(stdout);
      if (rows === null) throw outputUnknown('a list line', oddLine(stdout, columns));
      return read(rows);
    },
    remarks: (stdout) => remarks(rowsOf(stdout) ?? []),
  };
}

function oddLine(stdout: string, columns: Columns): string {
  return stdout.split('\n').find((line) => readRows(line, columns) === null) ?? stdout;
}

function unreadRemarks(rows: readonly Row[], { texts }: Columns): readonly string[] {
  const names = rows.flatMap((row) => (row.texts === null ? [row.plain[0] ?? ''] : []));
  const datasets = [...new Set(names.map((name) => name.split(/[@#]/, 1)[0] ?? ''))];
  return datasets.map(
    (name) =>
      `the properties ${texts.join(', ')} of ${JSON.stringify(name)} were not read: one there, or above it, has a tab or a line break in it, or the row of another dataset`,
  );
}
