import { linesOf, outputUnknown } from './parse.ts';

/**
 * The columns of a `zfs list -H`. `plain` come first and hold zfs's own words, which have no tab and no line break; `texts` hold
 * what somebody wrote, which zfs prints as it is.
 */
export interface Columns {
  readonly plain: readonly string[];
  readonly texts: readonly string[];
}

export interface Row {
  readonly line: string;
  readonly plain: readonly string[];
  /** null: what stands in them cannot be told from what stands in other rows. */
  readonly texts: readonly string[] | null;
}

/** Sorts columns by who writes them: user properties, and where a dataset is mounted, are texts. Pure. */
export function columnsOf(names: readonly string[]): Columns {
  const isText = (name: string): boolean => name.includes(':') || name === 'mountpoint';
  return { plain: names.filter((name) => !isText(name)), texts: names.filter(isText) };
}

/**
 * The word for `-o`. The texts are asked for twice, one after the other: a row is then `plain T T`, and no T that has a
 * line break leaves only rows with the right number of fields. Its first line would have to hold as many fields as both T
 * have, so that where the second T begins there would be too many before its first line, or too few behind its last.
 */
export function columnsWord({ plain, texts }: Columns): string {
  return [...plain, ...texts, ...texts].join(',');
}

/** The rows; null: some text has a tab or a line break, and no row can be told from what stands in a text. Pure. */
export function readRows(stdout: string, columns: Columns): readonly Row[] | null {
  const rows = linesOf(stdout).map((line) => readRow(line, columns));
  return rows.every((row) => row !== null) ? rows : null;
}

/** The rows of a list without texts. Throws `zfs-output-unknown`. Pure. */
function readPlainRows(stdout: string, { plain }: Columns): readonly Row[] {
  return linesOf(stdout).map((line) => {
    const row = readRow(line, { plain, texts: [] });
    if (row === null) throw outputUnknown('a list line', line);
    return row;
  });
}

/**
 * The rows of a list without texts, with those texts of a list that could not be read which nobody else can have written: where
 * one line alone begins as the row does, that line is the row's own. Pure. Throws `zfs-output-unknown`.
 */
export function withOwnTexts(stdout: string, unread: string, columns: Columns): readonly Row[] {
  const lines = new Map<string, Row | null>();
  for (const line of linesOf(unread)) {
    const [name = ''] = line.split('\t', 1);
    lines.set(name, lines.has(name) ? null : readRow(line, columns));
  }
  const fixed = columns.plain.flatMap((column, i) => (fixedColumns.has(column) ? [i] : []));
  return readPlainRows(stdout, columns).map((row) => {
    const own = lines.get(row.plain[0] ?? '') ?? null;
    const isSame = own !== null && fixed.every((i) => own.plain[i] === row.plain[i]);
    return { ...row, texts: isSame ? own.texts : null };
  });
}

/** What a dataset or a version has for as long as it is there. */
const fixedColumns: ReadonlySet<string> = new Set(['name', 'type', 'guid', 'createtxg', 'creation']);

function readRow(line: string, { plain, texts }: Columns): Row | null {
  const fields = line.split('\t');
  if (fields.length !== plain.length + 2 * texts.length) return null;
  const [first, second] = [
    fields.slice(plain.length, -texts.length || undefined),
    fields.slice(-texts.length),
  ];
  if (texts.length > 0 && first.some((text, i) => text !== second[i])) return null;
  return { line, plain: fields.slice(0, plain.length), texts: texts.length === 0 ? [] : first };
}
