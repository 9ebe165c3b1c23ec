/** Prints rows as zfs does: columns two blanks apart below a header, or without one (-H) separated by tabs. */
export function printTable(
  out: (text: string) => void,
  header: readonly string[] | null,
  rows: readonly (readonly string[])[],
): void {
  if (header === null) {
    out(rows.map((row) => `${row.join('\t')}\n`).join(''));
    return;
  }
  const all = [header, ...rows];
  const widths = header.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('  ');
  out(all.map((row) => `${line(row)}\n`).join(''));
}
