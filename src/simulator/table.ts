/** Prints rows as zfs does: with `scripted` (-H) tabs and no header, else columns two blanks apart. */
export function printTable(
  out: (text: string) => void,
  header: readonly string[],
  rows: readonly (readonly string[])[],
  scripted: boolean,
): void {
  if (scripted) {
    out(rows.map((row) => `${row.join('\t')}\n`).join(''));
    return;
  }
  const all = [header, ...rows];
  const widths = header.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('  ');
  out(all.map((row) => `${line(row)}\n`).join(''));
}
